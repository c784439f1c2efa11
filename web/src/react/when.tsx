import { useSurroundings } from "./context";
import { exactTime, relativeTime } from "./relative-time";

/** How long ago that was; exactly, where the pointer rests. */
export function When({ at, now }: { readonly at: number; readonly now: number }) {
  const { words } = useSurroundings();
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at, words)}>
      {relativeTime(at, now, words)}
    </time>
  );
}
