import { expect, it } from "vitest";
import { aNotification } from "../testing/notifications";
import { answerFor, type Deed, markFor, serverTime } from "./marks";

const now = serverTime;
const fresh = aNotification({ revision: 7 });
const put = aNotification({ revision: 7, seenAt: 1, readAt: 2, archivedAt: 3, snoozedUntil: 4 });

it.each<[Deed, object | null, object | null]>([
  ["seen", { seenAt: now, revision: 7 }, null],
  ["read", { seenAt: now, readAt: now, revision: 7 }, null],
  ["follow", { seenAt: now, readAt: now, followedAt: now, revision: 7 }, null],
  ["unread", null, { readAt: null, revision: 7 }],
  ["archive", { seenAt: now, archivedAt: now, revision: 7 }, null],
  ["unarchive", null, { archivedAt: null, revision: 7 }],
  [{ snoozeUntil: 9 }, { seenAt: now, snoozedUntil: 9, revision: 7 }, { snoozedUntil: 9, revision: 7 }],
  [{ snoozeUntil: null }, null, { snoozedUntil: null, revision: 7 }],
])("%j writes only what changes, and the revision it was made for", (deed, onFresh, onMarked) => {
  expect(markFor(fresh, deed)).toEqual(onFresh);
  expect(markFor(put, deed)).toEqual(onMarked);
});

it("answers once, with one of the item's own actions, whatever its revision", () => {
  const asking = aNotification({ actions: [{ id: "accept", label: "Accept", url: "", style: "primary" }] });
  expect(answerFor(asking, "accept")).toEqual({ doneAction: "accept", doneAt: serverTime });
  expect(answerFor(asking, "explode")).toBeNull();
  expect(answerFor({ ...asking, doneAction: "accept" }, "accept")).toBeNull();
});
