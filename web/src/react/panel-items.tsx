import { type RefObject, useDeferredValue } from "react";
import type { ListSnapshot, Notification } from "../core";
import { TextButton } from "./buttons";
import { useSurroundings } from "./context";
import { Feed } from "./feed";
import { useFrames, useNotifications } from "./hooks";
import { Instead } from "./states";
import { useSearchOlder } from "./use-search-older";
import { choose, type View } from "./view";

export interface ItemsProps {
  /** The prefix of the ids of the panel and its tabs. */
  readonly id: string;
  /** Whether there are tabs, of which this is the panel. */
  readonly tabbed: boolean;
  readonly view: View;
  readonly panel: RefObject<HTMLDivElement | null>;
  readonly onMenu: (item: Notification, button: HTMLElement) => void;
  readonly onFollowed: (() => void) | undefined;
  readonly onEmptied: () => void;
}

/** The list of the chosen tab. The archive and what is snoozed are listened to only while they are chosen. */
export function ItemsOf({ id, tabbed, view, panel, onMenu, onFollowed, onEmptied }: ItemsProps) {
  const { inbox, words } = useSurroundings();
  const { connectionStatus } = useNotifications();
  const { tab, category } = view;
  const own = tab === "archived" || tab === "snoozed" ? inbox[tab] : null;
  const { notifications, hasMore, loaded, error } = useFrames<ListSnapshot>(own ?? inbox);
  const onMore = () => (own ? own.loadMore() : inbox.loadMore(tab === "unread" ? "unread" : "recent"));
  const search = useDeferredValue(view.search);
  const items = choose(notifications, { tab, category, search });
  useSearchOlder(search !== "" || category !== "" || tab === "mentions", items.length, hasMore, notifications, onMore);
  const role = tabbed ? { role: "tabpanel", "aria-labelledby": `${id}-${tab}` } : {};
  return (
    <div ref={panel} id={`${id}-panel`} {...role} tabIndex={items.length > 0 ? undefined : 0} className="td-scroll">
      {items.length > 0 ? (
        <Feed
          items={items}
          label={words.notifications}
          busy={!loaded}
          hasMore={hasMore}
          byDay={own === null}
          onMenu={onMenu}
          onFollowed={onFollowed}
          onEmptied={onEmptied}
        />
      ) : (
        <Instead {...{ view, loaded, error, connectionStatus }} />
      )}
      {hasMore && (
        <TextButton className="td-text-button td-more" testId="load-more" onClick={onMore}>
          {words.loadMore}
        </TextButton>
      )}
    </div>
  );
}
