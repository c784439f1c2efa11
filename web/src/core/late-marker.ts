import { loadOnce } from "./load-once";
import type { Marker, MarkerParts } from "./marker";
import type { Deed, MarkResult } from "./marks";
import type { Notification } from "./model";
import { createReport } from "./report";

export interface LateMarkerParts extends Omit<MarkerParts, "report"> {
  readonly find: (id: string) => Notification | undefined;
  /** What the inbox lists. */
  readonly listed: () => readonly Notification[];
  /** When the newest item that the inbox has ever held last changed. */
  readonly newest: () => number;
}

/** The marks by the ids of the items. Ids that the inbox does not hold are "stored" without a write. */
export interface LateMarker {
  seen(ids: readonly string[]): Promise<readonly MarkResult[]>;
  mark(id: string, deed: Deed): Promise<MarkResult>;
  markAll(deed: "read" | "archive"): Promise<readonly MarkResult[]>;
  act(id: string, actionId: string): Promise<MarkResult>;
  /** The server has answered: loads what marks need, so that the first one need not wait, and withdraws what was left over. */
  answered(): void;
}

/**
 * Loads the {@link Marker} with the first mark, and reports what becomes of each. A mark is for the item as it is at the
 * press, also while the marker loads. If that fails, the mark is reported as failed, and the next one tries again.
 */
export function createLateMarker(parts: LateMarkerParts): LateMarker {
  const { find, listed } = parts;
  const report = createReport(parts.notices, parts.isOnline);
  const load = loadOnce(async () => (await import("./late")).createMarker({ ...parts, report }));

  function onItem(id: string, mark: (marker: Marker, item: Notification) => Promise<MarkResult>): Promise<MarkResult> {
    const item = find(id);
    return item
      ? report(
          item.title,
          load().then(marker => mark(marker, item)),
        )
      : Promise.resolve("stored");
  }

  return {
    async seen(ids) {
      const items = listed().filter(({ id }) => ids.includes(id));
      try {
        return await (await load()).seen(items);
      } catch {
        return []; // nobody asked for it; whoever sees the item next marks it again
      }
    },
    mark: (id, deed) => onItem(id, (marker, item) => marker.mark(item, deed)),
    markAll(deed) {
      const [items, newest] = [listed(), parts.newest()];
      return report(
        "",
        load().then(marker => marker.markAll(deed, items, newest)),
      );
    },
    act: (id, actionId) => onItem(id, (marker, item) => marker.act(item, actionId)),
    answered: () =>
      void load().then(
        marker => marker.tidy(listed()),
        () => {},
      ),
  };
}
