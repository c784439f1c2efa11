import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeNotification } from "./decode";

const at = (millis: number) => ({ toMillis: () => millis });

it("reads a document as the functions write it", () => {
  const item = decodeNotification(
    "n1",
    {
      type: "post.liked",
      category: "social",
      priority: "high",
      rank: 2,
      icon: "heart",
      title: "Carol and 2 others liked your post",
      body: "",
      actors: [{ id: "carol", name: "Carol", imageUrl: "/carol.png" }],
      actorCount: 3,
      eventCount: 3,
      target: { type: "post", id: "42", source: "/blog", title: "", url: "/posts/42" },
      url: "/posts/42",
      actions: [{ id: "view", label: "View", url: "/posts/42", style: "primary" }],
      doneAction: null,
      createdAt: at(1),
      updatedAt: at(2),
      revision: 3,
      seenAt: at(4),
      readAt: null,
      archivedAt: null,
      snoozedUntil: null,
      retractedAt: null,
      why: "recipient",
      held: "mute",
      push: { at: at(2), revision: 3, message: "m" },
      muted: "mute",
    },
    true,
  );
  expect(item).toMatchObject({
    id: "n1",
    priority: "high",
    rank: 2,
    actors: [{ id: "carol", name: "Carol", imageUrl: "/carol.png" }],
    target: { type: "post", id: "42", source: "/blog" },
    held: "mute",
    shown: 3,
    muted: "mute",
    actions: [{ id: "view", style: "primary" }],
    createdAt: 1,
    updatedAt: 2,
    seenAt: 4,
    readAt: null,
    pending: true,
  });
});

it("breaks on no document, however wrong", () => {
  const fields = ["priority", "rank", "actors", "target", "actions", "updatedAt", "seenAt", "title", "muted"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...fields), fc.anything()), data => {
      const item = decodeNotification("n1", data, false);
      expect(typeof item.title).toBe("string");
      expect(Number.isSafeInteger(item.revision) || Math.abs(item.revision) >= 2 ** 53).toBe(true);
      expect(["low", "medium", "high", "urgent"]).toContain(item.priority);
      expect(typeof item.muted + typeof (item.target?.source ?? "")).toBe("stringstring");
      for (const actor of item.actors) expect(typeof actor.name).toBe("string");
    }),
  );
});

it.each([
  [undefined, undefined, 0],
  [{ revision: 0 }, undefined, 0],
  [{ revision: 3 }, { revision: 2 }, 3],
  [{ revision: 3 }, { revision: 3, message: "m" }, 0],
  [{ revision: -1 }, { revision: -2 }, 0],
  ["3", null, 0],
])("of the push %j, with %j withdrawn, devices show revision %j", (push, withdrawn, shown) => {
  expect(decodeNotification("n1", { push, withdrawn }, false).shown).toBe(shown);
});

it("has no target where nothing was the target", () => {
  expect(decodeNotification("n1", { target: { type: "", id: "" } }, false).target).toBeNull();
});

it("takes a mark that is absent for one that is not made: a retracted item has no field archivedAt", () => {
  const item = decodeNotification("n1", { retractedAt: at(5) }, false);
  expect(item).toMatchObject({ archivedAt: null, readAt: null, snoozedUntil: null, retractedAt: 5 });
});

it.each([
  ["critical", 4, "urgent"],
  ["trivial", -1, "low"],
  ["notable", 2, "high"],
  ["", undefined, "medium"],
])("shows the unknown priority %j of rank %j as %s", (priority, rank, shown) => {
  expect(decodeNotification("n1", { priority, rank }, false).priority).toBe(shown);
});

it.each([
  [{ title: " ", target: { type: "post", id: "1", title: "A walk" } }, "A walk"],
  [{ type: "invoice.paid_late" }, "Invoice paid late"],
  [{ type: "post.liked", target: { type: "post", id: "1", title: " " } }, "Post liked"],
  [{}, "…"],
])("has something to say for %j", (data, title) => {
  expect(decodeNotification("n1", data, false).title).toBe(title);
});
