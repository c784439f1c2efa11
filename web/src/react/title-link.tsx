import type { MouseEvent } from "react";
import { type Notification, safeUrl } from "../core";
import { useSurroundings } from "./context";
import { leadsAway } from "./leads-away";

interface TitleLinkProps {
  readonly item: Notification;
  readonly tabIndex?: number;
  /** The link was followed, and leads away from here. */
  readonly onFollowed: (() => void) | undefined;
}

/** The item's title, as a link where it has one. */
export function TitleLink({ item, tabIndex, onFollowed }: TitleLinkProps) {
  const { inbox, onOpen } = useSurroundings();
  const link = safeUrl(item.url);
  if (!link) return <bdi>{item.title}</bdi>;

  function follow(event: MouseEvent<HTMLAnchorElement>) {
    void inbox.markOpened(item.id);
    onOpen?.(item, event);
    if (leadsAway(event)) onFollowed?.();
  }

  return (
    <a href={link} dir="auto" tabIndex={tabIndex} onClick={follow}>
      {item.title}
    </a>
  );
}
