import { type ComponentProps, type KeyboardEvent, useCallback, useId, useRef, useState } from "react";
import { useSurroundings } from "./context";
import { Filters } from "./filters";
import { useNotifications } from "./hooks";
import { KeysHelp } from "./keys-help";
import { NoticeBar } from "./notice-bar";
import { PanelHead } from "./panel-head";
import { ItemsOf, type ItemsProps } from "./panel-items";
import { Strip } from "./states";
import { TabList } from "./tablist";
import { useItemMenu } from "./use-item-menu";
import { useOnScreen } from "./use-on-screen";
import { usePreferencesScreen } from "./use-preferences-screen";
import { useSeen } from "./use-seen";
import { allTabs, categoriesOf, type Tab, type View, wholeView } from "./view";

export interface PanelOptions {
  /** The tabs to offer, in this order; all of them unless given. With a single one there is no row of tabs. */
  readonly tabs?: readonly Tab[];
  /** Whether search and category are offered; they are unless this is false. */
  readonly filters?: boolean;
}

export interface NotificationPanelProps extends PanelOptions {
  /** Offers a button that closes the panel, where it is in something that can be closed. */
  readonly onClose?: () => void;
  /** A link in it was followed, and leads away from here. */
  readonly onFollowed?: () => void;
}

/** What the centre shows, for a place of its own in a page: heading, tabs, search, list. Fills the height it is given. */
export function NotificationPanel({ tabs = allTabs, filters = true, onClose, onFollowed }: NotificationPanelProps) {
  const { words, lists, preferences } = useSurroundings();
  const [view, setView] = useState<View>({ ...wholeView, tab: tabs[0] ?? "all" });
  const [filtering, setFiltering] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const snapshot = useNotifications();
  const { screen, open } = usePreferencesScreen(root, onClose);
  const { menu, openMenu } = useItemMenu(preferences ? (place, item) => open(place, item.id) : undefined);
  const [helping, setHelping] = useState(false);
  const openHelp = useCallback(() => setHelping(true), []);
  const keys = usePanelKeys(openHelp);
  const focusPanel = useCallback(() => panel.current?.focus(), []);
  useSeen(snapshot, panel);
  useOnScreen(root, lists);

  function filter(on: boolean) {
    setFiltering(on);
    if (!on) setView({ ...view, search: "", category: "" });
  }

  const items: ItemsProps = {
    id,
    tabbed: tabs.length > 1,
    view,
    panel,
    onMenu: openMenu,
    onFollowed,
    onEmptied: focusPanel,
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys from anywhere inside it; buttons do the same.
    <div ref={root} className="td-inbox" lang={words.locale} data-testid="inbox" onKeyDown={keys}>
      {screen ?? (
        <>
          <PanelHead
            snapshot={snapshot}
            filtering={filters ? filtering : null}
            onFilter={filter}
            onHelp={openHelp}
            onPreferences={preferences ? () => open() : undefined}
            onClose={onClose}
          />
          <TabsOf id={id} tabs={tabs} view={view} unread={snapshot.unreadCount} onChange={setView} />
          {filtering && <Filters view={view} categories={categoriesOf(snapshot.notifications)} onChange={setView} />}
          <Strip snapshot={snapshot} />
          <ItemsOf key={view.tab} {...items} />
        </>
      )}
      <NoticeBar />
      {menu}
      {helping && <KeysHelp onClose={() => setHelping(false)} />}
    </div>
  );
}

interface TabsOfProps extends Pick<ComponentProps<typeof TabList>, "id" | "tabs" | "unread"> {
  readonly view: View;
  readonly onChange: (view: View) => void;
}

/** A single tab is none. */
function TabsOf({ view, onChange, ...tabs }: TabsOfProps) {
  if (tabs.tabs.length <= 1) return null;
  return <TabList {...tabs} value={view.tab} onChange={tab => onChange({ ...view, tab })} />;
}

/** The keys that mean the same everywhere in the panel, but in a field: `z` undoes, `?` explains. */
function usePanelKeys(onHelp: () => void) {
  const { inbox } = useSurroundings();
  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.metaKey || event.altKey || event.ctrlKey || isField(event.target)) return;
    if (event.key === "?") onHelp();
    else if (event.key === "z" && inbox.getSnapshot().notice?.undoable) inbox.undo();
    else return;
    event.preventDefault();
  };
}

function isField(target: EventTarget): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
