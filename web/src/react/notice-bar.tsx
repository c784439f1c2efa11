import type { Notice } from "../core";
import { IconButton, TextButton } from "./buttons";
import { useSurroundings } from "./context";
import { useNotifications } from "./hooks";
import { useHolding } from "./use-holding";
import { WayOn } from "./ways-on";

/**
 * What was done last, with the way back; and what did not work, with the reason. `z` undoes it from anywhere in the inbox. Its
 * time stops while somebody points at it or walks it by keyboard.
 */
export function NoticeBar() {
  const { notice } = useNotifications();
  return (
    <div className="td-notice-place" role="status" data-testid="notice-place">
      {notice && <Bar notice={notice} />}
    </div>
  );
}

function Bar({ notice }: { readonly notice: Notice }) {
  const { inbox, words } = useSurroundings();
  const holding = useHolding(inbox.holdNotice);
  return (
    <p
      className="td-notice"
      data-testid="notice"
      data-kind={notice.kind}
      data-busy={notice.busy || undefined}
      {...holding}
    >
      <span dir="auto">{words.notice[notice.kind](told(notice))}</span>
      {notice.busy && <span> {words.notice.goingOn}</span>}
      {notice.kind === "not-loaded" && <WayOn />}
      {notice.undoable && (
        <TextButton testId="undo" aria-keyshortcuts="z" onClick={() => inbox.undo()}>
          {words.undo}
        </TextButton>
      )}
      <IconButton icon="close" testId="notice-close" aria-label={words.dismiss} onClick={() => inbox.dismissNotice()} />
    </p>
  );
}

const longest = 60; // characters of a title

function told({ count, title }: Notice) {
  return { count, title: title.length > longest ? `${title.slice(0, longest)}…` : title };
}
