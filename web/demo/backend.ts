/** The demo product's back end: it posts events, and remembers how the last one went. */
import { createStore } from "../src/core/store";
import { unknownWay, type Way } from "./pipeline";
import type { DemoEvent } from "./scenarios";
import { newTrace } from "./spans";

/** What an accepted or refused event came to. */
export interface Outcome {
  readonly event: DemoEvent;
  /** For people: "Carol likes Bob's post". */
  readonly summary: string;
  /** The HTTP status; 0 while waiting, -1 if nobody answered. */
  readonly status: number;
  /** The answer as it came. */
  readonly answer: unknown;
  /** Milliseconds from the request to the answer, which waits until Pub/Sub has the event. */
  readonly answeredIn: number | null;
  /** Whether somebody on this page is looking out for it. */
  readonly watched: boolean;
  readonly way: Way;
  /** The id of its trace, under which the stack has its spans. */
  readonly trace: string;
}

export const lastOutcome = createStore<Outcome | null>(null);

/** Looks out for what becomes of an event that was sent at `startedAt`. */
export type Watch = (startedAt: number, tell: (news: Partial<Way>) => void) => Promise<void>;

/**
 * Posts one event. `watch` begins before the request, because the recipient may see the event before its producer gets
 * the answer: the subscriber does not wait for the producer.
 */
export async function postEvent(event: DemoEvent, summary: string, watch: Watch | null): Promise<void> {
  const start = performance.now();
  const { id: trace, header } = newTrace();
  let outcome: Outcome = {
    event,
    summary,
    status: 0,
    answer: null,
    answeredIn: null,
    watched: watch !== null,
    way: unknownWay,
    trace,
  };
  let latest = true;
  const tell = (news: Partial<Outcome>) => {
    latest &&= lastOutcome.getSnapshot()?.event.id === event.id;
    outcome = { ...outcome, ...news };
    if (latest) lastOutcome.set(outcome);
  };
  lastOutcome.set(outcome);
  void watch?.(Date.now(), news => tell({ way: { ...outcome.way, ...news } }));
  try {
    const response = await sendEvent(event, { Traceparent: header });
    const text = await response.text();
    tell({ status: response.status, answer: parse(text), answeredIn: performance.now() - start });
  } catch (error) {
    tell({ status: -1, answer: error instanceof Error ? error.message : String(error), answeredIn: null });
  }
}

/** Posts one event, and looks out for nothing. */
export function sendEvent(event: DemoEvent, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch("/v1/events", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(event),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
