import { type PointerEvent, useEffect } from "react";
import type { Notice } from "../core";
import { useSurroundings } from "./context";
import { useNotifications } from "./hooks";
import { Icon } from "./icons";
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

  // One that has gone holds nothing any more.
  useEffect(
    () => () => {
      inbox.holdNotice(false);
      inbox.holdNotice(false, "focused");
    },
    [inbox],
  );

  // A finger does not hover: it would hold the notice for good.
  const point = (held: boolean) => (event: PointerEvent) => event.pointerType !== "touch" && inbox.holdNotice(held);

  return (
    <p
      className="td-notice"
      data-testid="notice"
      data-kind={notice.kind}
      data-busy={notice.busy || undefined}
      onPointerEnter={point(true)}
      onPointerLeave={point(false)}
      onFocus={event => event.target.matches(":focus-visible") && inbox.holdNotice(true, "focused")}
      onBlur={event => event.currentTarget.contains(event.relatedTarget) || inbox.holdNotice(false, "focused")}
    >
      <span dir="auto">{words.notice[notice.kind](told(notice))}</span>
      {notice.busy && <span> {words.notice.goingOn}</span>}
      {notice.kind === "not-loaded" && <WayOn />}
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
  );
}

const longest = 60; // characters of a title

function told({ count, title }: Notice) {
  return { count, title: title.length > longest ? `${title.slice(0, longest)}…` : title };
}
