import type { KeyboardEvent } from "react";
import { badgeText } from "../core";
import { useSurroundings } from "./context";
import type { Tab } from "./view";

interface TabListProps {
  /** The prefix of the tabs' ids; the panel is `${id}-panel`. */
  readonly id: string;
  readonly tabs: readonly Tab[];
  readonly value: Tab;
  /** The badge's number. */
  readonly unread: number;
  readonly onChange: (tab: Tab) => void;
}

/** The tabs, after the APG pattern: one tab stop, the arrows move and choose. */
export function TabList({ id, tabs, value, unread, onChange }: TabListProps) {
  const { words } = useSurroundings();

  function walk(event: KeyboardEvent<HTMLElement>) {
    const rtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const at = tabs.indexOf(value);
    const [next, previous] = [(at + 1) % tabs.length, (at - 1 + tabs.length) % tabs.length];
    const to = {
      ArrowRight: rtl ? previous : next,
      ArrowLeft: rtl ? next : previous,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    const tab = to === undefined ? undefined : tabs[to];
    if (!tab) return;
    event.preventDefault();
    onChange(tab);
    document.getElementById(`${id}-${tab}`)?.focus();
  }

  return (
    <div role="tablist" aria-label={words.notifications} className="td-tabs" onKeyDown={walk}>
      {tabs.map(tab => (
        <button
          key={tab}
          id={`${id}-${tab}`}
          type="button"
          role="tab"
          className="td-tab"
          data-testid={`tab-${tab}`}
          aria-selected={tab === value}
          aria-controls={`${id}-panel`}
          tabIndex={tab === value ? 0 : -1}
          onClick={() => onChange(tab)}
        >
          {words.tabs[tab]}
          {tab === "unread" && unread > 0 && <span className="td-count">{badgeText(unread)}</span>}
        </button>
      ))}
    </div>
  );
}
