/** How often the person was told lately, counted from their own items: beside a choice it says what the choice is about. */
import { isAlive } from "../arrange";
import type { Database } from "../database";
import type { InboxLists } from "../lists";
import type { Category, Notification } from "../model";

/** How many days {@link Lately} looks back. */
export const lateDays = 7;

const day = 86_400_000; // ms

/** The items with news in the last seven days, without those that went to the archive by the person's own choice. */
export interface Lately {
  /** False where there may be more: a list that was looked at is longer, or the server did not answer. */
  readonly exact: boolean;
  readonly categories: ReadonlyMap<Category, number>;
  readonly types: ReadonlyMap<string, number>;
}

/**
 * What the inbox holds costs nothing. What is archived is asked for once: a read for each item that was archived in these days,
 * one at least and a hundred at most.
 */
export async function countLately(
  readPage: Database["readPage"],
  inbox: () => Pick<InboxLists, "held" | "recent">,
  now: number,
): Promise<Lately> {
  const since = now - lateDays * day;
  const archived = await readPage("archive", null, since);
  const { held, recent } = inbox(); // after the answer: what was archived meanwhile is in one of the two
  const items = new Map([...held, ...archived.items.map(item => [item.id, item] as const)]);
  const told = [...items.values()].filter(item => item.updatedAt >= since && item.muted === "" && isAlive(item, now));
  const oldest = Math.min(...[...recent.held.values()].map(({ updatedAt }) => updatedAt));
  const isWhole = recent.live && (!recent.hasMore || oldest < since);
  return {
    exact: isWhole && archived.next === null && !archived.fromCache,
    categories: countBy(told, "category"),
    types: countBy(told, "type"),
  };
}

function countBy(items: readonly Notification[], field: "category" | "type"): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { [field]: name } of items) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
