import { type ComponentProps, type RefObject, useDeferredValue } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { Feed } from "./feed";
import { useArchived, useNotifications, useSnoozed } from "./hooks";
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
export function ItemsOf(props: ItemsProps) {
  const { tab } = props.view;
  if (tab === "archived") return <ArchivedItems {...props} />;
  if (tab === "snoozed") return <SnoozedItems {...props} />;
  return <InboxItems {...props} />;
}

function InboxItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const snapshot = useNotifications();
  const what = props.view.tab === "unread" ? "unread" : "recent";
  return <Items {...props} {...snapshot} byDay onMore={() => inbox.loadMore(what)} />;
}

function SnoozedItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const snoozed = useSnoozed();
  const { connectionStatus } = useNotifications();
  return <Items {...props} {...snoozed} connectionStatus={connectionStatus} onMore={() => inbox.snoozed.loadMore()} />;
}

function ArchivedItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const archived = useArchived();
  const { connectionStatus } = useNotifications();
  return (
    <Items {...props} {...archived} connectionStatus={connectionStatus} onMore={() => inbox.archived.loadMore()} />
  );
}

interface LoadedItemsProps extends ItemsProps, Omit<ComponentProps<typeof Instead>, "view"> {
  readonly notifications: readonly Notification[];
  readonly hasMore: boolean;
  readonly byDay?: boolean;
  readonly onMore: () => void;
}

function Items(props: LoadedItemsProps) {
  const { id, tabbed, view, panel, onMenu, onFollowed, onEmptied, notifications, hasMore, byDay, onMore, ...state } =
    props;
  const { words } = useSurroundings();
  const { tab, category } = view;
  const search = useDeferredValue(view.search);
  const items = choose(notifications, { tab, category, search });
  useSearchOlder(search !== "" || category !== "" || tab === "mentions", items.length, hasMore, notifications, onMore);
  const role = tabbed ? { role: "tabpanel", "aria-labelledby": `${id}-${tab}` } : {};
  return (
    <div ref={panel} id={`${id}-panel`} {...role} tabIndex={items.length > 0 ? undefined : 0} className="td-scroll">
      {items.length > 0 ? (
        <Feed
          key={tab}
          items={items}
          label={words.notifications}
          busy={!state.loaded}
          hasMore={hasMore}
          byDay={byDay ?? false}
          onMenu={onMenu}
          onFollowed={onFollowed}
          onEmptied={onEmptied}
        />
      ) : (
        <Instead view={view} {...state} />
      )}
      {hasMore && (
        <button type="button" className="td-text-button td-more" data-testid="load-more" onClick={onMore}>
          {words.loadMore}
        </button>
      )}
    </div>
  );
}
