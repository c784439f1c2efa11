import { type ReactNode, useMemo } from "react";
import type { Alerts, Inbox } from "../core";
import { createStore } from "../core/store";
import { Announcer } from "./announcer";
import { type ActHandler, Context, type OpenHandler, type PictureOf } from "./context";
import { english } from "./english";
import type { Words } from "./words";

export interface TidingsProviderProps {
  /** Opened with `openInbox` when the person signs in, closed when they sign out. */
  readonly inbox: Inbox;
  /** The components' own words; English unless given. */
  readonly words?: Words;
  readonly onOpen?: OpenHandler;
  readonly onAct?: ActHandler;
  /** With `openAlerts(inbox)`, the centre's menu offers browser notifications and sound. */
  readonly alerts?: Alerts;
  /** Where people's pictures come from; from where the producer says unless given. */
  readonly pictureOf?: PictureOf;
  readonly children: ReactNode;
}

/** Gives the components and hooks below it their inbox, and tells assistive technology of news, politely. */
export function TidingsProvider(props: TidingsProviderProps) {
  const { inbox, words = english, onOpen, onAct, alerts, pictureOf, children } = props;
  const dialogs = useMemo(() => createStore(0), []);
  const lists = useMemo(() => createStore(0), []);
  const surroundings = useMemo(
    () => ({ inbox, words, onOpen, onAct, alerts, pictureOf, dialogs, lists }),
    [inbox, words, onOpen, onAct, alerts, pictureOf, dialogs, lists],
  );
  return (
    <Context value={surroundings}>
      {children}
      <Announcer />
    </Context>
  );
}
