import { type KeyboardEvent, useCallback, useDeferredValue, useId, useRef, useState } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { Feed } from "./feed";
import { Filters } from "./filters";
import { useArchived, useNotifications, useSnoozed } from "./hooks";
import { ItemMenu } from "./item-menu";
import { NoticeBar } from "./notice-bar";
import { PanelHead } from "./panel-head";
import { Instead, Strip } from "./states";
import { TabList } from "./tablist";
import { useOnScreen } from "./use-on-screen";
import { useSearchOlder } from "./use-search-older";
import { useSeen } from "./use-seen";
import { categoriesOf, choose, type View, wholeView } from "./view";

export interface NotificationPanelProps {
  /** Offers a button that closes the panel, where it is in something that can be closed. */
  readonly onClose?: () => void;
  /** A link in it was followed, and leads away from here. */
  readonly onFollowed?: () => void;
}

/** What the centre shows, for a place of its own in a page: heading, tabs, search, list. Fills the height it is given. */
export function NotificationPanel({ onClose, onFollowed }: NotificationPanelProps) {
  const { inbox, words, lists } = useSurroundings();
  const [view, setView] = useState<View>(wholeView);
  const [filtering, setFiltering] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const snapshot = useNotifications();
  const panel = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<{ item: Notification; button: HTMLElement } | null>(null);
  const openMenu = useCallback((item: Notification, button: HTMLElement) => setMenu({ item, button }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const focusPanel = useCallback(() => panel.current?.focus(), []);
  useSeen(snapshot, panel);
  useOnScreen(root, lists);

  function filter(on: boolean) {
    setFiltering(on);
    if (!on) setView({ ...view, search: "", category: "" });
  }

  function keys(event: KeyboardEvent<HTMLElement>) {
    if (event.key !== "z" || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    if (!snapshot.notice?.undoable) return;
    event.preventDefault();
    inbox.undo();
  }

  const parts = { id, view, panel, onMenu: openMenu, onFollowed, onEmptied: focusPanel };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: z undoes from anywhere inside it; the button does the same.
    <div ref={root} className="td-inbox" lang={words.locale} data-testid="inbox" onKeyDown={keys}>
      <PanelHead snapshot={snapshot} filtering={filtering} onFilter={filter} onClose={onClose} />
      <TabList id={id} value={view.tab} unread={snapshot.unreadCount} onChange={tab => setView({ ...view, tab })} />
      {filtering && <Filters view={view} categories={categoriesOf(snapshot.notifications)} onChange={setView} />}
      <Strip snapshot={snapshot} />
      {view.tab === "archived" ? (
        <ArchivedItems {...parts} />
      ) : view.tab === "snoozed" ? (
        <SnoozedItems {...parts} />
      ) : (
        <InboxItems {...parts} />
      )}
      <NoticeBar />
      {menu && <ItemMenu key={menu.item.id} item={menu.item} anchor={menu.button} onClose={closeMenu} />}
    </div>
  );
}

interface ItemsProps {
  readonly id: string;
  readonly view: View;
  readonly panel: React.RefObject<HTMLDivElement | null>;
  readonly onMenu: (item: Notification, button: HTMLElement) => void;
  readonly onFollowed: (() => void) | undefined;
  readonly onEmptied: () => void;
}

function InboxItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const snapshot = useNotifications();
  const what = props.view.tab === "unread" ? "unread" : "recent";
  return <Items {...props} {...snapshot} onMore={() => inbox.loadMore(what)} />;
}

/** Mounted, and so listened to, only while its tab is chosen. */
function SnoozedItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const snoozed = useSnoozed();
  const { connectionStatus } = useNotifications();
  return <Items {...props} {...snoozed} connectionStatus={connectionStatus} onMore={() => inbox.snoozed.loadMore()} />;
}

/** Mounted, and so listened to, only while its tab is chosen. */
function ArchivedItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const archived = useArchived();
  const { connectionStatus } = useNotifications();
  return (
    <Items {...props} {...archived} connectionStatus={connectionStatus} onMore={() => inbox.archived.loadMore()} />
  );
}

interface LoadedItemsProps extends ItemsProps, Omit<React.ComponentProps<typeof Instead>, "view"> {
  readonly notifications: readonly Notification[];
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

function Items(props: LoadedItemsProps) {
  const { id, view, panel, onMenu, onFollowed, onEmptied, notifications, hasMore, onMore, ...state } = props;
  const { words } = useSurroundings();
  const { tab, category } = view;
  const search = useDeferredValue(view.search);
  const items = choose(notifications, { tab, category, search });
  useSearchOlder(search !== "" || category !== "" || tab === "mentions", items.length, hasMore, notifications, onMore);
  return (
    <div
      ref={panel}
      id={`${id}-panel`}
      role="tabpanel"
      aria-labelledby={`${id}-${tab}`}
      tabIndex={items.length > 0 ? undefined : 0}
      className="td-scroll"
    >
      {items.length > 0 ? (
        <Feed
          key={tab}
          items={items}
          label={words.notifications}
          busy={!state.loaded}
          hasMore={hasMore}
          scroll={panel}
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
