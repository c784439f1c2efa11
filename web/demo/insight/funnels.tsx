import { scaleBand, scaleLinear } from "@visx/scale";
import { Bar } from "@visx/shape";
import { type Figures, type Funnel, funnelsOf, steps } from "./figures";
import { count, percent } from "./format";
import { Drawing, Plot } from "./plot";
import type { InsightWords } from "./words";

interface FunnelsProps {
  readonly figures: Figures;
  readonly words: InsightWords;
}

/** How many of each type came to each step: a small plot for each type, all with the same steps. */
export function Funnels({ figures, words }: FunnelsProps) {
  const funnels = funnelsOf(figures);
  const told = steps
    .map(({ step }) => step)
    .filter(step => funnels.some(({ counts }) => counts.some(one => one.step === step)));
  const cell = ({ counts }: Funnel, step: string) => {
    const found = counts.find(one => one.step === step);
    return found ? count(words.locale, found.count) : "–";
  };
  return (
    <Plot
      title={words.funnel.title}
      text={words.funnel.text}
      testId="plot-funnel"
      words={words}
      table={{
        heads: [words.type, ...told.map(step => words.steps[step])],
        rows: funnels.map(funnel => [funnel.type, ...told.map(step => cell(funnel, step))]),
      }}
    >
      <div className="i-grid">
        {funnels.map(funnel => (
          <figure key={funnel.type}>
            <figcaption>{funnel.type}</figcaption>
            <Steps funnel={funnel} words={words} />
          </figure>
        ))}
      </div>
    </Plot>
  );
}

const rowHeight = 26; // px
const names = 96; // px before the bars
const numbers = 92; // px behind the longest

function Steps({ funnel: { type, counts }, words }: { readonly funnel: Funnel; readonly words: InsightWords }) {
  const { locale } = words;
  const all = counts[0]?.count ?? 0;
  const most = Math.max(1, ...counts.map(one => one.count));
  const shown = counts.map(({ step, count: value }, at) => ({
    name: words.steps[step],
    value,
    number: count(locale, value),
    part: at === 0 ? "" : percent(locale, value, all),
  }));
  const said = shown.map(({ name, number, part }) => words.funnel.step(name, number, part)).join("; ");
  const y = scaleBand({ domain: shown.map(({ name }) => name), range: [0, shown.length * rowHeight], padding: 0.3 });
  return (
    <Drawing label={`${type}: ${said}`} height={shown.length * rowHeight}>
      {width => {
        const x = scaleLinear({ domain: [0, most], range: [0, Math.max(0, width - names - numbers)] });
        return shown.map(({ name, value, number, part }) => {
          const top = y(name) ?? 0;
          const middle = top + y.bandwidth() / 2;
          return (
            <g key={name}>
              <text x={0} y={middle} className="i-name">
                {name}
              </text>
              <Bar x={names} y={top} width={Math.max(1, x(value))} height={y.bandwidth()} rx={3} className="i-bar" />
              <text x={names + x(value) + 6} y={middle}>
                {number}
                {part && <tspan className="i-quiet"> {part}</tspan>}
              </text>
            </g>
          );
        });
      }}
    </Drawing>
  );
}
