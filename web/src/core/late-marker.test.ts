import { expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { databaseOf, Shelf } from "../testing/shelf";
import { createLateMarker } from "./late-marker";
import { createNotices } from "./notice";

// The network is gone when the file is asked for, and back at the next try.
const file = vi.hoisted(() => ({ missing: true }));
vi.mock("./late", async () => {
  const actual = await vi.importActual<typeof import("./marker")>("./marker");
  return {
    get createMarker() {
      if (file.missing) throw new Error("Failed to fetch dynamically imported module");
      return actual.createMarker;
    },
  };
});

it("says of a mark whose code cannot be loaded why it failed, and carries out the next one", async () => {
  const shelf = new Shelf(100, { prompt: true });
  const item = aNotification({ title: "Carol wrote" });
  shelf.put(item);
  const notices = createNotices(() => {});
  const marker = createLateMarker({
    database: databaseOf(shelf),
    notices,
    find: id => shelf.items.get(id),
    listed: () => [item],
    newest: () => item.updatedAt,
    isListed: () => true,
    hasMore: () => false,
    isOnline: () => true,
    now: () => 0,
  });
  marker.answered(true); // nobody asked: nothing is said
  await new Promise(resolve => setTimeout(resolve));
  expect(notices.current).toBeNull();
  await expect(marker.mark("n1", "archive")).rejects.toThrow("Failed to fetch");
  expect(notices.current).toMatchObject({ kind: "not-loaded", title: "Carol wrote" });
  await expect(marker.markAll("read")).rejects.toThrow("Failed to fetch");
  expect(await marker.seen(["n1"])).toEqual([]);
  file.missing = false;
  expect(await marker.mark("n1", "archive")).toBe("stored");
  expect(shelf.items.get("n1")?.archivedAt).not.toBeNull();
  notices.close();
});
