import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import type { InsightWords } from "./words";

interface PlotProps {
  readonly title: string;
  readonly text: string;
  readonly testId: string;
  readonly words: InsightWords;
  readonly children: ReactNode;
  /** The same numbers; the first cell of a row is its heading. */
  readonly table: { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** A plot with its heading, and behind it the table of its numbers. */
export function Plot({ title, text, testId, words, children, table: { heads, rows } }: PlotProps) {
  const id = useId();
  return (
    <section className="d-card i-plot" aria-labelledby={id} data-testid={testId}>
      <h2 id={id}>{title}</h2>
      <p className="d-quiet">{text}</p>
      {children}
      {rows.length > 0 && (
        <details>
          <summary data-testid={`${testId}-table`}>{words.table}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
          <section className="i-scroll" aria-label={`${title}: ${words.table}`} tabIndex={0}>
            <table>
              <thead>
                <tr>
                  {heads.map(head => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(([head, ...cells]) => (
                  <tr key={head}>
                    <th scope="row">{head}</th>
                    {cells.map((cell, at) => (
                      <td key={heads[at + 1]}>{cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </details>
      )}
    </section>
  );
}

interface DrawingProps {
  /** What it shows, in words. */
  readonly label: string;
  readonly height: number;
  /** Draws into that width, in px. */
  readonly children: (width: number) => ReactNode;
}

/** A drawing as wide as its place: its letters are as large as others, however narrow that is. */
export function Drawing({ label, height, children }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => setWidth(Math.floor(element.getBoundingClientRect().width));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className="i-drawing">
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          {children(width)}
        </svg>
      )}
    </div>
  );
}
