/** Items for the tests: `aNotification({…})` for one, `notifications` for any. */
import fc from "fast-check";
import type { Notification, Priority } from "../core/model";

const ranks: Readonly<Record<Priority, number>> = { low: 0, medium: 1, high: 2, urgent: 3 };

/** An unread item of medium priority, but for what is given. */
export function aNotification(given: Partial<Notification> = {}): Notification {
  const priority = given.priority ?? "medium";
  return {
    id: "n1",
    type: "post.liked",
    category: "social",
    priority,
    rank: ranks[priority],
    icon: "heart",
    title: "Alice liked your post",
    body: "",
    actors: [],
    actorCount: 1,
    eventCount: 1,
    target: null,
    url: "",
    actions: [],
    doneAction: null,
    doneAt: null,
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
    seenAt: null,
    readAt: null,
    followedAt: null,
    archivedAt: null,
    snoozedUntil: null,
    retractedAt: null,
    expireAt: null,
    why: "recipient",
    held: "",
    shown: 0,
    muted: "",
    pending: false,
    ...given,
  };
}

/** Few distinct values, so that equal ids, times and revisions are common. */
const small = fc.integer({ min: 0, max: 8 });
const sometimes = fc.option(small, { nil: null });

const notification: fc.Arbitrary<Notification> = fc
  .record({
    id: small.map(n => `n${n}`),
    priority: fc.constantFrom<Priority>("low", "medium", "high", "urgent"),
    updatedAt: small,
    revision: small,
    seenAt: sometimes,
    readAt: sometimes,
    archivedAt: sometimes,
    snoozedUntil: sometimes,
    retractedAt: sometimes,
  })
  .map(aNotification);

export const notifications = fc.array(notification, { maxLength: 20 });
export const moments = small;
