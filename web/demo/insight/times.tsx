import { AxisBottom, AxisLeft } from "@visx/axis";
import { scaleLog, scalePoint } from "@visx/scale";
import { LinePath } from "@visx/shape";
import { useId, useState } from "react";
import { daysOf, type Figures, funnelsOf, type TimesOfDay, timesOf, type Until } from "./figures";
import { dayOf, duration } from "./format";
import { Drawing, Plot } from "./plot";
import type { InsightWords } from "./words";

interface TimesProps {
  readonly figures: Figures;
  readonly words: InsightWords;
}

const untils: readonly Until[] = ["seen", "shown"];

/** How long it took until something was there, or was seen: of one type, by day. */
export function Times({ figures, words }: TimesProps) {
  const { locale, times: own } = words;
  const types = funnelsOf(figures).map(({ type }) => type);
  const [chosen, setChosen] = useState("");
  const [asked, setAsked] = useState<Until | null>(null);
  // Until somebody chooses: what was seen of the most frequent type that anybody has told of.
  const seen = types.find(one => timesOf(figures, one, "seen").length > 0);
  const until = asked ?? (seen ? "seen" : "shown");
  const type = types.includes(chosen) ? chosen : (seen ?? types[0] ?? "");
  const times = timesOf(figures, type, until);
  const id = useId();
  return (
    <Plot
      title={own.title}
      text={times.length > 0 ? latest(times, type, words) : own.none[until]}
      testId="plot-times"
      words={words}
      table={{
        heads: [words.day, words.median, words.p95],
        rows: times.map(({ day, median, p95 }) => [
          dayOf(locale, day),
          duration(locale, median),
          duration(locale, p95),
        ]),
      }}
    >
      <div className="i-choices">
        <label>
          {words.type}{" "}
          <select value={type} data-testid="times-type" onChange={event => setChosen(event.target.value)}>
            {types.map(one => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <fieldset>
          <legend>{own.legend}</legend>
          {untils.map(one => (
            <label key={one}>
              <input
                type="radio"
                name={id}
                data-testid={`times-${one}`}
                checked={one === until}
                onChange={() => setAsked(one)}
              />{" "}
              {own.until[one]}
            </label>
          ))}
        </fieldset>
      </div>
      {times.length > 0 && <Lines times={times} days={daysOf(figures)} type={type} words={words} />}
    </Plot>
  );
}

/** The newest day in words. */
function latest(times: readonly TimesOfDay[], type: string, { locale, times: { said } }: InsightWords): string {
  const last = times.at(-1);
  return last ? said(type, dayOf(locale, last.day), duration(locale, last.median), duration(locale, last.p95)) : "";
}

const top = 10; // px
const bottom = 26; // px below, for the days
const left = 68; // px before, for the times
const right = 16; // px
const height = 220; // px
const size = 4; // px, of a mark
/** Seconds: what is short and what is long both have their place on a scale that multiplies. */
const ticks = [0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 86_400, 864_000];

interface LinesProps {
  readonly times: readonly TimesOfDay[];
  readonly days: readonly string[];
  readonly type: string;
  readonly words: InsightWords;
}

function Lines({ times, days, type, words }: LinesProps) {
  const { locale } = words;
  const all = times.flatMap(({ median, p95 }) => [median, p95]).filter(time => time > 0);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const from = ticks.findLast(tick => tick <= least) ?? 0.001;
  const to = ticks.find(tick => tick >= most) ?? most;
  const label = times.map(({ day, median, p95 }) =>
    words.times.said(type, dayOf(locale, day), duration(locale, median), duration(locale, p95)),
  );
  return (
    <>
      <ul className="i-legend">
        <li>
          <svg width="26" height="14" aria-hidden="true">
            <path d="M0 7h26" className="i-median" />
            <circle cx="13" cy="7" r={size} className="i-mark" />
          </svg>
          {words.median}
        </li>
        <li>
          <svg width="26" height="14" aria-hidden="true">
            <path d="M0 7h26" className="i-p95" />
            <rect x={13 - size} y={7 - size} width={2 * size} height={2 * size} className="i-mark i-mark-p95" />
          </svg>
          {words.p95}
        </li>
      </ul>
      <Drawing label={label.join("; ")} height={height}>
        {width => {
          const x = scalePoint({ domain: [...days], range: [left, width - right], padding: 0.2 });
          const y = scaleLog({ domain: [from, to], range: [height - bottom, top], clamp: true });
          const at = (day: string) => x(day) ?? 0;
          const every = Math.ceil(days.length / Math.max(1, Math.floor((width - left) / 64)));
          return (
            <>
              <AxisLeft
                left={left}
                scale={y}
                tickValues={ticks.filter(tick => tick >= from && tick <= to)}
                tickFormat={value => duration(locale, Number(value))}
                hideTicks
                axisLineClassName="i-line"
              />
              <AxisBottom
                top={height - bottom}
                scale={x}
                tickValues={days.filter((_, place) => (days.length - 1 - place) % every === 0)}
                tickFormat={day => dayOf(locale, day)}
                hideTicks
                axisLineClassName="i-line"
              />
              <LinePath data={[...times]} x={({ day }) => at(day)} y={({ median }) => y(median)} className="i-median" />
              <LinePath data={[...times]} x={({ day }) => at(day)} y={({ p95 }) => y(p95)} className="i-p95" />
              {times.map(({ day, median, p95 }) => (
                <g key={day}>
                  <circle cx={at(day)} cy={y(median)} r={size} className="i-mark">
                    <title>{`${words.median}: ${duration(locale, median)}`}</title>
                  </circle>
                  <rect
                    x={at(day) - size}
                    y={y(p95) - size}
                    width={2 * size}
                    height={2 * size}
                    className="i-mark i-mark-p95"
                  >
                    <title>{`${words.p95}: ${duration(locale, p95)}`}</title>
                  </rect>
                </g>
              ))}
            </>
          );
        }}
      </Drawing>
    </>
  );
}
