import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessage, readPush, readShown } from "./payload";

const data = {
  id: "n1",
  revision: "3",
  type: "security.alert",
  priority: "urgent",
  title: "New sign-in",
  body: "Oslo",
};

describe("readPush", () => {
  it("reads what shared/push composes for the web", () => {
    const actions = JSON.stringify([{ id: "me", label: "It was me", url: "/me", style: "primary" }]);
    expect(readPush({ from: "1", fcmMessageId: "m", data: { ...data, url: "/security", actions } })).toEqual({
      kind: "show",
      item: {
        id: "n1",
        revision: 3,
        priority: "urgent",
        title: "New sign-in",
        body: "Oslo",
        url: "/security",
        actions: [{ id: "me", label: "It was me", url: "/me" }],
        of: [],
        beacon: "",
      },
    });
  });

  it("reads where the worker says what became of it, if that is a whole address", () => {
    const beacon = "https://beacon.example/beacon?t=abc";
    expect(readPush({ data: { ...data, beacon } })).toMatchObject({ item: { beacon } });
    expect(readShown({ uid: "ada", revision: 1, beacon })?.beacon).toBe(beacon);
    for (const odd of ["/beacon", "javascript:alert(1)", 7]) {
      expect(readPush({ data: { ...data, beacon: odd } })).toMatchObject({ item: { beacon: "" } });
    }
    const shown = { tidings: "show", uid: "ada", item: { ...data, revision: 3, beacon } };
    expect(readMessage(shown), "a page has no push").toMatchObject({ item: { beacon: "" } });
  });

  it("reads what a summary is of", () => {
    expect(readPush({ data: { ...data, of: "a b" } })).toMatchObject({ item: { of: ["a", "b"] } });
    expect(readShown({ uid: "ada", revision: 1, of: ["a", 7, ""] })?.of).toEqual(["a"]);
    expect(readShown({ uid: "ada", revision: 1 })?.of).toEqual([]);
  });

  it("reads a withdrawal, which has nothing to show", () => {
    const told = { kind: "withdraw", id: "n1", revision: 3 };
    expect(readPush({ data: { id: "n1", revision: "3", withdraw: "true" } })).toEqual(told);
  });

  it.each([
    ["no payload", null],
    ["no data", { notification: { title: "Somebody else's" } }],
    ["data as text", { data: "id" }],
    ["no id", { data: { ...data, id: "" } }],
    ["no revision", { data: { ...data, revision: undefined } }],
    ["a revision that is none", { data: { ...data, revision: "3; drop" } }],
    ["a negative revision", { data: { ...data, revision: "-1" } }],
    ["a revision beyond whole numbers", { data: { ...data, revision: "9".repeat(30) } }],
    ["nothing to say", { data: { ...data, title: "  " } }],
  ])("takes nothing from %s", (_, payload) => expect(readPush(payload)).toBeNull());

  it.each([
    ["no JSON", "[{"],
    ["no list", "{}"],
    ["actions without names", '[{"id":""},{"label":"x"},null,7]'],
  ])("shows without buttons where actions are %s", (_, actions) => {
    expect(readPush({ data: { ...data, actions } })).toMatchObject({ kind: "show", item: { actions: [] } });
  });

  it("never throws, and answers only what can be shown", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ data: fc.dictionary(fc.string(), fc.anything()) })), payload => {
        const told = readPush(payload);
        if (told?.kind === "show") expect(told.item.title.trim()).not.toBe("");
      }),
    );
  });
});

describe("readMessage", () => {
  it("reads a page's item, and leaves out what is not shown", () => {
    const item = { ...data, revision: 3, actions: [], actors: [{}], pending: false };
    expect(readMessage({ tidings: "show", uid: "ada", item, silent: true })).toMatchObject({
      tidings: "show",
      item: { id: "n1", revision: 3 },
      silent: true,
    });
  });

  it.each([
    ["another library's", { type: "SKIP_WAITING" }],
    ["nobody's", { tidings: "page" }],
    ["an unknown one", { tidings: "dance", uid: "ada" }],
    ["one without an item", { tidings: "show", uid: "ada" }],
  ])("ignores %s", (_, message) => expect(readMessage(message)).toBeNull());

  it("never throws", () => {
    const kinds = fc.constantFrom("page", "guard", "own", "leave", "show", "push", "unread", "done");
    const message = fc
      .record({ tidings: kinds, uid: fc.string() })
      .chain(known => fc.object().map(o => ({ ...o, ...known })));
    fc.assert(fc.property(fc.oneof(fc.anything(), message), one => void readMessage(one)));
  });
});

describe("readShown", () => {
  it("knows ours from others'", () => {
    expect(readShown(null)).toBeNull();
    expect(readShown({ url: "/x" })).toBeNull();
    const links = { "": "/x", broken: 7 };
    expect(readShown({ uid: "ada", revision: 1, links })).toEqual({
      uid: "ada",
      revision: 1,
      links: { "": "/x" },
      of: [],
      beacon: "",
    });
  });
});
