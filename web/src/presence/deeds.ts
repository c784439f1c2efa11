/**
 * What the person did with items lately, for the functions' statistics: it goes along with the leases, which are written anyway, and the functions
 * find it in the profile at the next event. The marks on the items are the truth, and this is read from them: so all tabs and devices say the same.
 */
import type { Inbox } from "../core/inbox";
import type { Everybody } from "../core/model";

const most = 100; // the rules allow no more
const longest = 86_400_000; // ms; what was not told within a day is left out
const margin = 120_000; // ms; news that came this much later has found a deed in the profile, where a lease brings it within a minute

export interface Deeds {
  /** The latest ones that the functions may not know, at the time `now` in milliseconds since 1970: each "stage time revision id". */
  latest(now: number): readonly string[];
  close(): void;
}

/** Collects them while the inbox is open: what is archived soon after leaves the list. */
export function collectDeeds(inbox: Inbox): Deeds {
  const found = new Map<string, { readonly at: number; readonly text: string }>();
  let newest = 0;
  const close = inbox.subscribe(({ notifications }) => {
    for (const { id, why, pending, revision, updatedAt, seenAt, readAt, followedAt, doneAt } of notifications) {
      if (why === ("audience:everybody" satisfies Everybody)) continue;
      newest = Math.max(newest, updatedAt);
      if (pending) continue; // the server has not said when it was
      for (const [stage, at] of [
        ["seen", seenAt ?? readAt],
        ["opened", followedAt],
        ["acted", doneAt],
      ] as const) {
        if (at !== null) found.set(`${stage} ${id}`, { at, text: `${stage} ${at} ${revision} ${id}` });
      }
    }
  });
  return {
    latest(now) {
      const from = Math.max(now - longest, newest - margin);
      for (const [key, { at }] of found) if (at < from) found.delete(key);
      return [...found.values()]
        .sort((a, b) => b.at - a.at)
        .slice(0, most)
        .map(({ text }) => text);
    },
    close,
  };
}
