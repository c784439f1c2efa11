import { useEffect, useState } from "react";
import { DialogButton } from "./dialog-button";
import { arrange, type Row, readSpans, type Span, took } from "./spans";

/** A button that opens the spans of one event: what each function did about it, and when. */
export function Spans({ trace }: { readonly trace: string }) {
  return (
    <DialogButton label="Show its spans" heading="The spans of this event" testId="spans">
      {() => <Waterfall trace={trace} />}
    </DialogButton>
  );
}

const pause = 700; // ms; a function exports its spans within 200

function Waterfall({ trace }: { readonly trace: string }) {
  const [spans, setSpans] = useState<readonly Span[]>([]);
  useEffect(() => {
    let on = true;
    const look = () =>
      readSpans(trace).then(
        found => on && setSpans(before => (found.length === before.length ? before : found)),
        () => {}, // the next look may find it
      );
    void look();
    const timer = setInterval(look, pause);
    return () => {
      on = false;
      clearInterval(timer);
    };
  }, [trace]);
  const rows = arrange(spans);
  if (rows.length === 0) return <p className="d-quiet">Nothing has come in yet.</p>;
  return (
    <>
      <p className="d-quiet">
        {rows.length} spans, from the functions themselves by OpenTelemetry. Open one for its attributes. Trace{" "}
        <code>{trace}</code>
      </p>
      <ol>
        {rows.map(row => (
          <li key={row.span.spanId} data-testid="span">
            <One {...row} />
          </li>
        ))}
      </ol>
    </>
  );
}

function One({ span, depth, from, length }: Row) {
  return (
    <details data-failed={span.failed || undefined}>
      <summary>
        <span className="d-span-name" style={{ paddingInlineStart: `${Math.min(depth, 8) * 0.75}rem` }}>
          <b>{span.service}</b> {span.name}
        </span>
        <span className="d-span-time">{took(span.duration)}</span>
        <span className="d-span-track" aria-hidden="true">
          <span
            data-kind={span.kind}
            style={{ insetInlineStart: `${from * 100}%`, inlineSize: `max(3px, ${length * 100}%)` }}
          />
        </span>
      </summary>
      <dl>
        {[["kind", span.kind], ...Object.entries(span.attributes).sort(([a], [b]) => a.localeCompare(b))].map(
          ([key, value]) => (
            <div key={String(key)}>
              <dt>{key}</dt>
              <dd>{String(value)}</dd>
            </div>
          ),
        )}
        {span.links.map(link => (
          <div key={link.spanId}>
            <dt>link</dt>
            <dd>{`${link.traceId} ${link.spanId}`}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
