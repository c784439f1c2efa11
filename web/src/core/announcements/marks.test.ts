import type { FirebaseApp } from "firebase/app";
import { beforeEach, expect, it, vi } from "vitest";
import { pageSize } from "../page";
import { type Late, listenToAnnouncements } from "./firestore";
import type { ToldPage } from "./told";

interface Asked {
  readonly path: string;
  readonly most: number;
  readonly only?: readonly string[];
}

/** The ids of the documents, by collection, and who listens to what. */
const server = vi.hoisted(() => ({
  ids: new Map<string, string[]>(),
  listening: new Map<Asked, (answer: object) => void>(),
}));

function answer(asked: Asked) {
  const ids = server.ids.get(asked.path)?.toSorted() ?? [];
  const found = ids.filter(id => asked.only?.includes(id) ?? true).slice(0, asked.most);
  const metadata = { fromCache: false, hasPendingWrites: false };
  server.listening.get(asked)?.({ docs: found.map(id => ({ id, data: () => ({}), metadata })), metadata });
}

vi.mock("firebase/firestore", () => ({
  collection: (_firestore: object, ...path: readonly string[]) => ({ path: path.join("/") }),
  documentId: () => "id",
  limit: (most: number) => ({ most }),
  orderBy: () => ({}),
  where: (_field: string, _is: "in", only: readonly string[]) => ({ only }),
  query: (...parts: readonly object[]) => Object.assign({}, ...parts),
  onSnapshot: (asked: Asked, _options: object, next: (answer: object) => void) => {
    server.listening.set(asked, next);
    queueMicrotask(() => answer(asked));
    return () => server.listening.delete(asked);
  },
}));

const [told, marks] = ["announcements", "users/bob/announcements"];
const others = Array.from({ length: pageSize }, (_, at) => `a${at}`);

function announced() {
  for (const asked of server.listening.keys()) if (asked.path === told) answer(asked);
}

function listen() {
  const pages: ToldPage[] = [];
  const late = { firestoreOf: () => ({}) } as unknown as Late;
  const observer = { page: (page: ToldPage) => pages.push(page), failed: () => expect.unreachable() };
  const stop = listenToAnnouncements(late, {} as FirebaseApp, "bob", observer);
  return { pages, stop, marked: () => [...(pages.at(-1)?.marks.keys() ?? [])] };
}

beforeEach(() => server.ids.clear());

it("finds the mark on what stands behind a hundred marks on what does not", async () => {
  server.ids.set(told, ["z1"]).set(marks, [...others, "z1"]);
  const { pages, stop, marked } = listen();
  await vi.waitFor(() => expect(marked()).toEqual(["z1"]));
  expect(pages).toHaveLength(1); // it was never shown as unread

  server.ids.set(told, ["z1", "z2"]).set(marks, [...others, "z1", "z2"]);
  announced();
  await vi.waitFor(() => expect(marked()).toEqual(["z1", "z2"]));
  expect(pages).toHaveLength(2);

  stop();
  expect(server.listening.size).toBe(0);
});

it("asks for all marks where they fit a page, and once", async () => {
  server.ids.set(told, ["z1"]).set(marks, ["a", "z1"]);
  const { stop, marked } = listen();
  await vi.waitFor(() => expect(marked()).toEqual(["a", "z1"]));
  server.ids.set(told, ["z1", "z2"]);
  announced();
  expect([...server.listening.keys()].map(({ only }) => only)).toEqual([undefined, undefined]);
  stop();
});
