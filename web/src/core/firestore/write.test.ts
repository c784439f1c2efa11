import type { FirebaseApp } from "firebase/app";
import { expect, it, vi } from "vitest";
import { write, writeAll } from "./write";

interface Server {
  refusal: string;
  item: object | null;
  look: string;
  readonly commits: number[];
  answer: Promise<void>;
}

const server = vi.hoisted(
  (): Server => ({
    commits: [],
    answer: Promise.resolve(),
    refusal: "",
    item: null,
    look: "",
  }),
);
const failure = (code: string) => Object.assign(new Error(code), { code });
vi.mock("./instance", () => ({ firestoreOf: () => ({}), inboxOf: () => ({}) }));
vi.mock("firebase/firestore", () => ({
  doc: () => ({}),
  writeBatch: () => {
    let size = 0;
    return {
      update: () => size++,
      commit: () => {
        server.commits.push(size);
        return server.answer;
      },
    };
  },
  serverTimestamp: () => "now",
  updateDoc: async () => {
    throw failure(server.refusal);
  },
  getDocFromServer: async () => {
    if (server.look) throw failure(server.look);
    return { data: () => server.item ?? undefined };
  },
}));

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

it("many marks are all on their way before the server has answered any, so that all show and nothing overtakes them", async () => {
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
