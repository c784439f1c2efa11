import type { MarkResult } from "./marks";
import type { Notice, Notices } from "./notice";

/** Shows what becomes of a mark. Returns the promise as it is; that may be left alone, and is no unhandled rejection then. */
export type Report = <T extends MarkResult | readonly MarkResult[]>(title: string, doing: Promise<T>) => Promise<T>;

/** Reports what did not work, by a notice with the item's title; the title is empty where it is about several items. */
export function createReport(notices: Notices): Report {
  return (title, doing) => {
    const show = (kind: Notice["kind"], count: number) => notices.show({ kind, count, title, busy: false });
    doing.then(
      result => {
        const refused = [result].flat().filter(one => one === "moved-on").length;
        if (refused > 0) show("moved-on", refused);
      },
      () => show("failed", 1),
    );
    return doing;
  };
}
