import type { ComponentProps } from "react";
import type { InboxSnapshot } from "../core";
import { IconButton, TextButton } from "./buttons";
import { useSurroundings } from "./context";
import { Menu, type MenuEntry } from "./menu";
import { useAlertEntries } from "./use-alert-entries";
import { useOpening } from "./use-opening";

interface PanelHeadProps {
  readonly snapshot: InboxSnapshot;
  /** Whether search and category are shown; null where they are not offered. */
  readonly filtering: boolean | null;
  readonly onFilter: (on: boolean) => void;
  readonly onHelp: () => void;
  /** Opens the preferences; undefined where they are not offered. */
  readonly onPreferences: (() => void) | undefined;
  readonly onClose: (() => void) | undefined;
}

/** The heading, and what concerns all items at once. */
export function PanelHead({ snapshot, filtering, onFilter, onHelp, onPreferences, onClose }: PanelHeadProps) {
  const { inbox, words } = useSurroundings();
  const { opening, open, close } = useOpening<HTMLElement>();
  return (
    <div className="td-head">
      <h2>{words.notifications}</h2>
      <TextButton
        testId="mark-all-read"
        disabled={snapshot.notifications.every(item => item.readAt !== null)}
        onClick={() => void inbox.markAllRead()}
      >
        {words.markAllRead}
      </TextButton>
      {filtering !== null && (
        <HeadButton
          icon="search"
          testId="search-toggle"
          label={words.search}
          aria-expanded={filtering}
          onClick={() => onFilter(!filtering)}
        />
      )}
      {onPreferences && (
        <HeadButton
          icon="settings"
          testId="open-preferences"
          label={words.preferences.title}
          onClick={() => onPreferences()}
        />
      )}
      <HeadButton
        icon="more"
        testId="panel-menu"
        label={words.more}
        aria-haspopup="menu"
        aria-expanded={opening !== null}
        onClick={event => open(event.currentTarget)}
      />
      {onClose && <HeadButton icon="close" testId="close" label={words.close} onClick={onClose} />}
      {opening && (
        <PanelMenu
          key={opening.key}
          snapshot={snapshot}
          anchor={opening.of}
          onHelp={onHelp}
          onClose={() => close(opening)}
        />
      )}
    </div>
  );
}

interface HeadButtonProps extends Omit<ComponentProps<typeof IconButton>, "aria-label"> {
  readonly label: string;
}

function HeadButton({ label, ...button }: HeadButtonProps) {
  return <IconButton className="td-icon-button" aria-label={label} title={label} {...button} />;
}

interface PanelMenuProps extends Pick<PanelHeadProps, "snapshot" | "onHelp"> {
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

function PanelMenu({ snapshot: { notifications, hasMore }, anchor, onHelp, onClose }: PanelMenuProps) {
  const { inbox, words } = useSurroundings();
  const alerts = useAlertEntries();
  const all: MenuEntry = {
    id: "archive-all",
    label: words.archiveAll,
    icon: "archive",
    disabled: notifications.length === 0 && !hasMore,
    carryOut: () => void inbox.archiveAll(),
  };
  const help: MenuEntry = { id: "keys", label: words.keys.title, icon: "info", hint: "?", carryOut: onHelp };
  return (
    <Menu
      label={words.more}
      anchor={anchor}
      groups={[{ label: "", entries: [all, ...alerts, help] }]}
      onClose={onClose}
    />
  );
}
