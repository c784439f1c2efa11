import { AxisBottom } from "@visx/axis";
import { scaleBand, scaleLinear, scaleOrdinal } from "@visx/scale";
import { BarStackHorizontal } from "@visx/shape";
import { type Figures, type HeldBack, heldBack } from "./figures";
import { count } from "./format";
import { Hatches, lookOf } from "./hatches";
import { Drawing, Plot } from "./plot";
import type { InsightWords } from "./words";

interface HeldBarsProps {
  readonly figures: Figures;
  readonly words: InsightWords;
}

/** Why pushes were held back: a bar for each type, made of its reasons. */
export function HeldBars({ figures, words }: HeldBarsProps) {
  const { locale, held } = words;
  const back = heldBack(figures);
  const named = (reason: string) => held.reasons[reason] ?? reason;
  const number = (value: number) => count(locale, value);
  return (
    <Plot
      title={held.title}
      text={back.types.length > 0 ? held.text : held.none}
      testId="plot-held"
      words={words}
      table={{
        heads: [words.type, ...back.reasons.map(named), words.total],
        rows: back.types.map(({ type, counts, total }) => [
          type,
          ...back.reasons.map(reason => number(counts[reason] ?? 0)),
          number(total),
        ]),
      }}
    >
      {back.types.length > 0 && (
        <>
          <Hatches />
          <ul className="i-legend">
            {back.reasons.map((reason, at) => (
              <li key={reason}>
                <svg width="14" height="14" aria-hidden="true">
                  <rect width="14" height="14" rx="3" className={lookOf(at)} />
                </svg>
                {named(reason)}
              </li>
            ))}
          </ul>
          <Bars back={back} words={words} named={named} number={number} />
        </>
      )}
    </Plot>
  );
}

const rowHeight = 46; // px
const name = 18; // px of it above the bar
const gap = 6; // px below it
const axis = 26; // px below the last row
const numbers = 56; // px behind the longest bar
const roomForNumber = 26; // px

interface BarsProps {
  readonly back: HeldBack;
  readonly words: InsightWords;
  readonly named: (reason: string) => string;
  readonly number: (value: number) => string;
}

function Bars({ back: { types, reasons }, words, named, number }: BarsProps) {
  const most = Math.max(...types.map(({ total }) => total));
  const height = types.length * rowHeight;
  const said = types.map(({ type, counts, total }) => {
    const parts = reasons.flatMap(reason => (counts[reason] ? [`${named(reason)} ${number(counts[reason])}`] : []));
    return `${type}: ${words.held.said(number(total), parts.join(", "))}`;
  });
  return (
    <Drawing label={said.join("; ")} height={height + axis}>
      {width => {
        const x = scaleLinear<number>({ domain: [0, most], range: [0, Math.max(0, width - numbers)], nice: true });
        const y = scaleBand({ domain: types.map(({ type }) => type), range: [0, height] });
        const middle = name + (rowHeight - name - gap) / 2;
        return (
          <>
            {types.map(({ type, total }) => (
              <g key={type} transform={`translate(0 ${y(type) ?? 0})`}>
                <text y={name / 2}>{type}</text>
                <text x={x(total) + 6} y={middle}>
                  {number(total)}
                </text>
              </g>
            ))}
            <BarStackHorizontal
              data={types.map(({ type, counts }) => ({ type, counts }))}
              keys={[...reasons]}
              value={({ counts }, reason) => counts[reason] ?? 0}
              y={({ type }) => type}
              xScale={x}
              yScale={y}
              color={scaleOrdinal({ domain: [...reasons], range: reasons.map((_, at) => lookOf(at)) })}
            >
              {stacks =>
                stacks.flatMap(({ bars }) =>
                  bars.map(({ key, index, x: left, y: top, width: wide, color }) => {
                    const value = number(types[index]?.counts[key] ?? 0);
                    return (
                      wide > 0 && (
                        <g key={`${key} ${index}`} transform={`translate(${left} ${top})`}>
                          <rect
                            y={name}
                            width={Math.max(2, wide - 1)}
                            height={rowHeight - name - gap}
                            className={color}
                          >
                            <title>{`${named(key)}: ${value}`}</title>
                          </rect>
                          {wide > roomForNumber && (
                            <text x={wide / 2} y={middle} className="i-within">
                              {value}
                            </text>
                          )}
                        </g>
                      )
                    );
                  }),
                )
              }
            </BarStackHorizontal>
            <AxisBottom
              top={height}
              scale={x}
              numTicks={Math.max(1, Math.min(most, Math.floor(width / 140)))}
              tickFormat={value => (Number.isInteger(Number(value)) ? number(Number(value)) : "")}
              axisLineClassName="i-line"
              hideTicks
            />
          </>
        );
      }}
    </Drawing>
  );
}
