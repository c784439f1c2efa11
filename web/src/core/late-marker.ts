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
  /**
   * The lists have been answered: loads what marks need, so that the first press need not wait. By the server: withdraws what was
   * left over.
   */
  answered(live: boolean): void;
}

/**
 * Loads the {@link Marker} with the first mark, and reports what becomes of each. A mark is for the item as it is at the
 * press, also while the marker loads. If that fails, the mark is reported as failed, and the next one tries again.
 */
export function createLateMarker(parts: LateMarkerParts): LateMarker {
  const { find, listed } = parts;
  const report = createReport(parts.notices, parts.isOnline);
  let loaded: Marker | null = null;
  const load = loadOnce(async () => {
    loaded = (await import("./late")).createMarker({ ...parts, report });
    return loaded;
  });

  /** Within the press, if it can be: so the next one finds what this one has done. */
  const ask = <T>(deed: (marker: Marker) => Promise<T>) => (loaded ? deed(loaded) : load().then(deed));

  function onItem(id: string, mark: (marker: Marker, item: Notification) => Promise<MarkResult>): Promise<MarkResult> {
    const item = find(id);
    if (!item) return Promise.resolve("stored");
    return report(
      item.title,
      ask(marker => mark(marker, item)),
    );
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
        ask(marker => marker.markAll(deed, items, newest)),
      );
    },
    act: (id, actionId) => onItem(id, (marker, item) => marker.act(item, actionId)),
    answered: live =>
      void load().then(
        marker => live && marker.tidy(listed()),
        () => {},
      ),
  };
}
