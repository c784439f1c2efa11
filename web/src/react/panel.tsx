import { useCallback, useDeferredValue, useId, useRef, useState } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { Feed } from "./feed";
import { Filters } from "./filters";
import { useArchived, useNotifications } from "./hooks";
import { ItemMenu } from "./item-menu";
import { PanelHead } from "./panel-head";
import { Instead, Strip } from "./states";
import { TabList } from "./tablist";
import { useSeen } from "./use-seen";
import { categoriesOf, choose, type View, wholeView } from "./view";

export interface NotificationPanelProps {
  /** Offers a button that closes the panel, where it is in something that can be closed. */
  readonly onClose?: () => void;
}

/** What the centre shows, for a place of its own in a page: heading, tabs, search, list. Fills the height it is given. */
export function NotificationPanel({ onClose }: NotificationPanelProps) {
  const { words } = useSurroundings();
  const [view, setView] = useState<View>(wholeView);
  const id = useId();
  const snapshot = useNotifications();
  const panel = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<{ item: Notification; button: HTMLElement } | null>(null);
  const openMenu = useCallback((item: Notification, button: HTMLElement) => setMenu({ item, button }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const focusPanel = useCallback(() => panel.current?.focus(), []);
  useSeen(snapshot, panel);

  const parts = { id, view, panel, onMenu: openMenu, onEmptied: focusPanel };
  return (
    <div className="td-inbox" lang={words.locale} data-testid="inbox">
      <PanelHead notifications={snapshot.notifications} onClose={onClose} />
      <TabList
        id={id}
        value={view.tab}
        unread={snapshot.notifications.filter(item => item.readAt === null).length}
        onChange={tab => setView({ ...view, tab })}
      />
      <Filters view={view} categories={categoriesOf(snapshot.notifications)} onChange={setView} />
      <Strip snapshot={snapshot} />
      {view.tab === "archived" ? <ArchivedItems {...parts} /> : <InboxItems {...parts} />}
      {menu && <ItemMenu key={menu.item.id} item={menu.item} anchor={menu.button} onClose={closeMenu} />}
    </div>
  );
}

interface ItemsProps {
  readonly id: string;
  readonly view: View;
  readonly panel: React.RefObject<HTMLDivElement | null>;
  readonly onMenu: (item: Notification, button: HTMLElement) => void;
  readonly onEmptied: () => void;
}

function InboxItems(props: ItemsProps) {
  const { inbox } = useSurroundings();
  const snapshot = useNotifications();
  return <Items {...props} {...snapshot} onMore={() => inbox.loadMore()} />;
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

function Items({ id, view, panel, onMenu, onEmptied, notifications, hasMore, onMore, ...state }: LoadedItemsProps) {
  const { words } = useSurroundings();
  const { tab, category } = view;
  const search = useDeferredValue(view.search);
  const items = choose(notifications, { tab, category, search });
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
