import type { ReactNode } from "react";
import type { ConnectionStatus, InboxError, InboxSnapshot } from "../core";
import { useSurroundings } from "./context";
import { Icon, type IconName } from "./icons";
import type { Tab, View } from "./view";
import { WayOn, WaysOn } from "./ways-on";

/** One line above the list when what it shows may be older. It waits a second: most interruptions are shorter. */
export function Strip({ snapshot }: { readonly snapshot: InboxSnapshot }) {
  const { inbox, words } = useSurroundings();
  const { notifications, connectionStatus, loaded, error } = snapshot;
  if (!loaded || (connectionStatus === "connected" && error === null)) return null;
  if (connectionStatus === "offline" || error === null) {
    return connectionStatus === "connected" ? null : (
      <p className="td-strip" role="status" data-testid="connection" data-status={connectionStatus}>
        {words.connection[connectionStatus]}
      </p>
    );
  }
  if (notifications.length === 0) return null; // the list says it, in its place
  const ended = error.code === "ended";
  return (
    <p className="td-strip" role="status" data-testid="connection" data-status="error">
      {ended ? words.ended.text : words.failed.text} <WayOn onTry={ended ? undefined : inbox.retry} />
    </p>
  );
}

interface InsteadProps {
  readonly view: View;
  readonly loaded: boolean;
  readonly error: InboxError | null;
  readonly connectionStatus: ConnectionStatus;
}

/** What the list says when it has no items: still loading, unreachable, nothing that matches, or really nothing. */
export function Instead({ view, loaded, error, connectionStatus }: InsteadProps) {
  const { inbox, words } = useSurroundings();
  if (!loaded && connectionStatus === "offline") {
    return <Note icon="alert" {...words.failed} text={words.connection.offline} testId="inbox-offline" />;
  }
  if (error?.code === "ended") {
    return (
      <Note icon="alert" {...words.ended} testId="inbox-ended">
        <WayOn />
      </Note>
    );
  }
  if (error?.code === "not-loaded") {
    return (
      <Note icon="alert" {...words.notLoaded} testId="inbox-not-loaded">
        <WaysOn onTry={inbox.retry} />
      </Note>
    );
  }
  if (error !== null) {
    return (
      <Note icon="alert" {...words.failed} testId="inbox-error">
        <WayOn onTry={inbox.retry} />
      </Note>
    );
  }
  if (!loaded) return <Loading />;
  if (view.search !== "" || view.category !== "") {
    return <Empty list="search" />;
  }
  return <Empty list={view.tab} />;
}

const emptyIcons = {
  all: "bell",
  unread: "check",
  mentions: "mention",
  snoozed: "clock",
  archived: "archive",
  search: "search",
} as const;

function Empty({ list }: { readonly list: Tab | "search" }) {
  const { words, slots } = useSurroundings();
  const testId = list === "search" ? "inbox-no-match" : "inbox-empty";
  const note = <Note icon={emptyIcons[list]} {...words.empty[list]} testId={testId} />;
  return slots.empty ? <slots.empty list={list}>{note}</slots.empty> : note;
}

function Loading() {
  const { words } = useSurroundings();
  return (
    <div className="td-loading" role="status" data-testid="inbox-loading">
      <span className="td-hidden">{words.loading}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

interface NoteProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly testId: string;
  readonly children?: ReactNode;
}

function Note({ icon, title, text, testId, children }: NoteProps) {
  return (
    <div className="td-note" data-testid={testId}>
      <Icon name={icon} />
      <h3>{title}</h3>
      <p>{text}</p>
      {children}
    </div>
  );
}
