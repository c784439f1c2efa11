import { useState } from "react";
import type { InboxSnapshot } from "../core";
import { useSurroundings } from "./context";
import { useAlerts } from "./hooks";
import { Icon } from "./icons";
import { Menu, type MenuEntry } from "./menu";

interface PanelHeadProps {
  readonly snapshot: InboxSnapshot;
  /** Whether search and category are shown; they are folded away otherwise. */
  readonly filtering: boolean;
  readonly onFilter: (on: boolean) => void;
  readonly onClose: (() => void) | undefined;
}

/** The heading, and what concerns all items at once. */
export function PanelHead({ snapshot, filtering, onFilter, onClose }: PanelHeadProps) {
  const { notifications, hasMore } = snapshot;
  const { inbox, words } = useSurroundings();
  const [menu, setMenu] = useState<HTMLElement | null>(null);
  const alerts = useAlertEntries();
  const all: MenuEntry = {
    id: "archive-all",
    label: words.archiveAll,
    icon: "archive",
    disabled: notifications.length === 0 && !hasMore,
    onPick: () => void inbox.archiveAll(),
  };
  return (
    <div className="td-head">
      <h2>{words.notifications}</h2>
      <button
        type="button"
        className="td-text-button"
        data-testid="mark-all-read"
        disabled={notifications.every(item => item.readAt !== null)}
        onClick={() => void inbox.markAllRead()}
      >
        {words.markAllRead}
      </button>
      <button
        type="button"
        className="td-icon-button"
        data-testid="search-toggle"
        aria-label={words.search}
        title={words.search}
        aria-expanded={filtering}
        onClick={() => onFilter(!filtering)}
      >
        <Icon name="search" />
      </button>
      <button
        type="button"
        className="td-icon-button"
        data-testid="panel-menu"
        aria-label={words.more}
        title={words.more}
        aria-haspopup="menu"
        aria-expanded={menu !== null}
        onClick={event => setMenu(event.currentTarget)}
      >
        <Icon name="more" />
      </button>
      {onClose && (
        <button
          type="button"
          className="td-icon-button"
          data-testid="close"
          aria-label={words.close}
          title={words.close}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      )}
      {menu && (
        <Menu
          label={words.more}
          anchor={menu}
          groups={[{ label: "", entries: [all, ...alerts] }]}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}

/** Asking for permission happens here, after a click, and never by itself. */
function useAlertEntries(): readonly MenuEntry[] {
  const { words, alerts } = useSurroundings();
  const state = useAlerts();
  if (!alerts || !state) return [];
  const { permission, sound } = state;
  const labels = { default: words.alerts.turnOn, granted: words.alerts.on, denied: words.alerts.blocked };
  const entries: MenuEntry[] = [
    {
      id: "sound",
      label: words.alerts.sound,
      icon: "sound",
      checked: sound,
      onPick: () => alerts.setSound(!sound),
    },
  ];
  if (permission !== "unsupported") {
    entries.unshift({
      id: "alerts",
      label: labels[permission],
      icon: permission === "granted" ? "check" : "bell",
      disabled: permission !== "default",
      onPick: () => void alerts.request(),
    });
  }
  return entries;
}
