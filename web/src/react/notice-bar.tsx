import type { Notice } from "../core";
import { useSurroundings } from "./context";
import { useNotifications } from "./hooks";
import { Icon } from "./icons";

/** What was done last, with the way back; and what did not work, with the reason. `z` undoes it from anywhere in the inbox. */
export function NoticeBar() {
  const { inbox, words } = useSurroundings();
  const { notice } = useNotifications();
  return (
    <div className="td-notice-place" role="status" data-testid="notice-place">
      {notice && (
        <p className="td-notice" data-testid="notice" data-kind={notice.kind} data-busy={notice.busy || undefined}>
          <span dir="auto">{words.notice[notice.kind](told(notice))}</span>
          {notice.busy && <span> {words.notice.goingOn}</span>}
          {notice.undoable && (
            <button
              type="button"
              className="td-text-button"
              data-testid="undo"
              aria-keyshortcuts="z"
              onClick={() => inbox.undo()}
            >
              {words.undo}
            </button>
          )}
          <button
            type="button"
            className="td-row-button"
            data-testid="notice-close"
            aria-label={words.dismiss}
            onClick={() => inbox.dismissNotice()}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}

const longest = 60; // characters of a title

function told({ count, title }: Notice) {
  return { count, title: title.length > longest ? `${title.slice(0, longest)}…` : title };
}
