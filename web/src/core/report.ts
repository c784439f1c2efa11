import { notLoaded } from "./load-once";
import type { MarkResult, Refusal } from "./marks";
import type { Failure, Notices } from "./notice";
import { errorCode } from "./page";

/** Shows what becomes of a mark. Returns the promise as it is; that may be left alone, and is no unhandled rejection then. */
export type Report = <T extends MarkResult | readonly MarkResult[]>(title: string, doing: Promise<T>) => Promise<T>;

const patience = 10_000; // ms; as long as a notice stands that says what was done

/**
 * Reports what did not work and why, and what waits, by a notice with the item's title; the title is empty where it is about
 * several items. Without a network the list says that marks wait, all of them at once.
 */
export function createReport(notices: Notices, isOnline: () => boolean): Report {
  return (title, doing) => {
    const show = (kind: Refusal | Failure, count: number) => notices.show({ kind, count, title, busy: false });
    const stopWaiting = sayThatItWaits(notices, isOnline, title);
    doing.then(
      result => {
        stopWaiting();
        const results: readonly MarkResult[] = [result].flat();
        const refusals = results.filter(one => one !== "stored");
        const [first] = refusals;
        if (first) show(first, refusals.filter(one => one === first).length);
      },
      error => {
        stopWaiting();
        show(failureOf(error), 1);
      },
    );
    return doing;
  };
}

/** Says so when a mark has waited for long. Firestore tries by itself, also where the quota is used up or the token is old. */
function sayThatItWaits(notices: Notices, isOnline: () => boolean, title: string): () => void {
  let key: number | undefined;
  const timer = setTimeout(() => {
    // One that can still be undone, or that counts along, says what is going on.
    if (!isOnline() || notices.current?.undoable) return;
    key = notices.show({ kind: "waiting", count: 1, title, busy: true });
  }, patience);
  return () => {
    clearTimeout(timer);
    if (key !== undefined) notices.dismiss(key);
  };
}

function failureOf(error: unknown): Failure {
  switch (errorCode(error)) {
    case notLoaded:
      return "not-loaded";
    case "resource-exhausted":
      return "quota";
    case "unavailable":
    case "deadline-exceeded":
      return "unreachable";
    default:
      return "failed";
  }
}
