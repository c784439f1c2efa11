import { createContext, type MouseEvent, type ReactNode, useContext, useMemo } from "react";
import type { Alerts, Inbox, Notification } from "../core";
import { createStore, type Store } from "../core/store";
import { Announcer } from "./announcer";
import { english } from "./english";
import type { Words } from "./words";

/** Called when an item's link is followed. Prevent the event's default to navigate in the product's own way. */
export type OpenHandler = (item: Notification, event: MouseEvent<HTMLAnchorElement>) => void;

/** Called when an item was answered: `doneAction` is on its way. Here the product accepts the friend, pays the bill. */
export type ActHandler = (item: Notification, actionId: string) => void;

interface Surroundings {
  readonly inbox: Inbox;
  readonly words: Words;
  readonly onOpen: OpenHandler | undefined;
  readonly onAct: ActHandler | undefined;
  readonly alerts: Alerts | undefined;
  /** How many urgent dialogs there are: what they show makes no toast. */
  readonly dialogs: Store<number>;
}

const Context = createContext<Surroundings | null>(null);

export interface TidingsProviderProps {
  /** Opened with `openInbox` when the person signs in, closed when they sign out. */
  readonly inbox: Inbox;
  /** The components' own words; English unless given. */
  readonly words?: Words;
  readonly onOpen?: OpenHandler;
  readonly onAct?: ActHandler;
  /** With `openAlerts(inbox)`, the centre's menu offers browser notifications and sound. */
  readonly alerts?: Alerts;
  readonly children: ReactNode;
}

/** Gives the components and hooks below it their inbox, and tells assistive technology of news, politely. */
export function TidingsProvider({ inbox, words = english, onOpen, onAct, alerts, children }: TidingsProviderProps) {
  const dialogs = useMemo(() => createStore(0), []);
  const surroundings = useMemo(
    () => ({ inbox, words, onOpen, onAct, alerts, dialogs }),
    [inbox, words, onOpen, onAct, alerts, dialogs],
  );
  return (
    <Context value={surroundings}>
      {children}
      <Announcer />
    </Context>
  );
}

export function useSurroundings(): Surroundings {
  const found = useContext(Context);
  if (!found) throw new Error("Tidings components and hooks must be inside a <TidingsProvider>.");
  return found;
}
