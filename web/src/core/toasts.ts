/**
 * The toast policy. Urgent ones stay until they are dealt with, high ones leave after five seconds, or ten if they ask
 * something; the others make none.
 * Three are on screen, the others wait their turn, and a change of a group changes its toast.
 */
import { isListed } from "./arrange";
import type { Notification } from "./model";

export interface Toast {
  /** The item's id: one item, one toast. */
  readonly id: string;
  readonly item: Notification;
  /** Whether it stays until the person deals with it. */
  readonly stays: boolean;
}

/** How many of the queue are on screen: the first ones. */
export const visibleToasts = 3;

/** The queue with `news` in it, each in its own toast or in a new one. Returns `queue` itself if nothing is loud enough. */
export function enqueue(queue: readonly Toast[], news: readonly Notification[], now: number): readonly Toast[] {
  let next = queue;
  // Of what comes together the most urgent comes first.
  for (const item of [...news].sort((a, b) => b.rank - a.rank)) {
    if (!deserves(item, now)) continue;
    const toast = { id: item.id, item, stays: item.priority === "urgent" };
    const at = next.findIndex(({ id }) => id === item.id);
    if (at >= 0) next = next.with(at, toast);
    else next = insert(next, toast);
  }
  return next;
}

/** Urgent ones pass those that wait, but take no place from one that is being read. */
function insert(queue: readonly Toast[], toast: Toast): readonly Toast[] {
  const calm = queue.findIndex(({ stays }, index) => index >= visibleToasts && !stays);
  return toast.stays && calm >= 0 ? queue.toSpliced(calm, 0, toast) : [...queue, toast];
}

/** The queue as the items are now: without those that were dealt with anywhere. Returns `queue` itself if it is right. */
export function refresh(
  queue: readonly Toast[],
  held: ReadonlyMap<string, Notification>,
  now: number,
): readonly Toast[] {
  const next = queue.flatMap(toast => {
    const item = held.get(toast.id);
    if (!item || !deserves(item, now)) return [];
    return [item === toast.item ? toast : { ...toast, item, stays: item.priority === "urgent" }];
  });
  return next.length === queue.length && next.every((toast, index) => toast === queue[index]) ? queue : next;
}

function deserves(item: Notification, now: number): boolean {
  const loud = item.priority === "urgent" || item.priority === "high";
  return loud && isListed(item, now) && item.readAt === null && item.doneAction === null;
}
