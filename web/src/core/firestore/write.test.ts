import type { FirebaseApp } from "firebase/app";
import { beforeEach, expect, it, vi } from "vitest";
import { type Mark, serverTime } from "../marks";
import { write, writeAll } from "./write";

interface Server {
  /** What is written beside the items, since the last commit. */
  beside: string[];
  refusal: string;
  item: object | null;
  look: string;
  readonly commits: number[];
  readonly writes: (readonly unknown[])[];
  answer: Promise<void>;
}

const server = vi.hoisted(
  (): Server => ({
    beside: [],
    commits: [],
    writes: [],
    answer: Promise.resolve(),
    refusal: "",
    item: null,
    look: "",
  }),
);
const failure = (code: string) => Object.assign(new Error(code), { code });
vi.mock("./instance", () => ({ firestoreOf: () => ({}), inboxOf: () => ({}) }));
vi.mock("firebase/firestore", () => ({
  doc: (_parent: object, ...path: readonly string[]) => path.join("/"),
  Timestamp: { fromMillis: (time: number) => `at ${time}` },
  writeBatch: () => {
    let size = 0;
    return {
      update: (...write: readonly unknown[]) => {
        size++;
        server.writes.push(["update", ...write]);
      },
      set: (path: string, data: object, options?: object) => {
        if (!options) return server.beside.push(`${path} ${JSON.stringify(data)}`);
        size++;
        return server.writes.push(["set", path, data, options]);
      },
      delete: (path: string) => server.beside.push(`not ${path}`),
      commit: async () => {
        server.commits.push(size);
        if (server.refusal) throw failure(server.refusal);
        await server.answer;
      },
    };
  },
  serverTimestamp: () => "now",
  getDocFromServer: async () => {
    if (server.look) throw failure(server.look);
    return { data: () => server.item ?? undefined };
  },
}));

beforeEach(() => {
  Object.assign(server, { commits: [], writes: [], refusal: "" });
});

const item = { revision: 3, doneAction: null, retractedAt: null };

it.each([
  ["the item has moved on", "permission-denied", { ...item, revision: 4 }, "", "moved-on"],
  ["it is answered already", "permission-denied", { ...item, doneAction: "accept" }, "", "moved-on"],
  ["it was taken back", "permission-denied", { ...item, revision: 4, retractedAt: {} }, "", "gone"],
  ["it is deleted", "not-found", null, "", "gone"],
  ["the rules do not allow that", "permission-denied", item, "", "refused"],
  ["nobody is signed in", "permission-denied", item, "permission-denied", "signed-out"],
  ["nobody says why", "permission-denied", item, "unavailable", "refused"],
])("a mark is refused because %s", async (_, refusal, stored, look, expected) => {
  Object.assign(server, { refusal, item: stored, look });
  const mark = expected === "moved-on" && stored?.doneAction ? { doneAction: "decline" } : { revision: 3 };
  expect(await write({} as FirebaseApp, "ada", { id: "n1", mark })).toBe(expected);
});

it("what the server has not decided rejects", async () => {
  Object.assign(server, { refusal: "unavailable", item, look: "" });
  await expect(write({} as FirebaseApp, "ada", { id: "n1", mark: {} })).rejects.toThrow("unavailable");
});

const said = 'users/ada/withdrawals/n1-3 {"expireAt":"now"}';
it.each<[string, Mark, number, unknown[]]>([
  ["read", { readAt: serverTime }, 3, [1, said]],
  ["archived", { seenAt: serverTime, archivedAt: serverTime }, 3, [1, said]],
  ["unread", { readAt: null }, 3, [1, "not users/ada/withdrawals/n1-3"]],
  ["unarchived", { archivedAt: null }, 3, [1, "not users/ada/withdrawals/n1-3"]],
  ["seen", { seenAt: serverTime }, 3, [1]],
  ["snoozed", { seenAt: serverTime, snoozedUntil: 9 }, 3, [1]],
  ["answered", { doneAction: "accept" }, 3, [1]],
  ["read, and no device shows it", { readAt: serverTime }, 0, [1]],
])("in the commit of the mark that it is %s stands what becomes of its push", async (_, mark, shown, expected) => {
  Object.assign(server, { refusal: "", commits: [], beside: [] });
  expect(await write({} as FirebaseApp, "ada", { id: "n1", mark, shown })).toBe("stored");
  expect([...server.commits, ...server.beside]).toEqual(expected);
});

it("many marks are all on their way before the server has answered any, so that all show and nothing overtakes them", async () => {
  Object.assign(server, { refusal: "", commits: [] });
  let answer = () => {};
  server.answer = new Promise(resolve => {
    answer = resolve;
  });
  const marks = Array.from({ length: 230 }, (_, n) => ({ id: `n${n}`, mark: { revision: 1 } }));
  const done = writeAll({} as FirebaseApp, "ada", marks);
  expect(server.commits).toEqual([100, 100, 30]);
  answer();
  expect(await done).toEqual(marks.map(() => "stored"));
});

it("a mark changes its item; one on an announcement is a document of the person's, which ends with it", async () => {
  const mark = { seenAt: serverTime, followedAt: serverTime, snoozedUntil: 7, revision: 1 } as const;
  await writeAll({} as FirebaseApp, "ada", [
    { id: "n1", mark },
    { id: "all", mark, until: 9 },
  ]);
  expect(server.commits).toEqual([2]);
  expect(server.writes).toEqual([
    ["update", "n1", { seenAt: "now", followedAt: "now", snoozedUntil: "at 7", revision: 1 }],
    ["set", "users/ada/announcements/all", { seenAt: "now", snoozedUntil: "at 7", expireAt: "at 9" }, { merge: true }],
  ]);
});

it("of several marks in one commit that is refused, each is written by itself", async () => {
  Object.assign(server, { refusal: "permission-denied", item, look: "" });
  const marks = ["n1", "n2"].map(id => ({ id, mark: { revision: 3 } }));
  expect(await writeAll({} as FirebaseApp, "ada", marks)).toEqual(["refused", "refused"]);
  expect(server.commits).toEqual([2, 1, 1]);
});
