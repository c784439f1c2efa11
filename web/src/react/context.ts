import { createContext, type MouseEvent, useContext } from "react";
import type { Actor, Alerts, Inbox, Notification } from "../core";
import type { Store } from "../core/store";
import type { PreferencesOptions } from "./preferences-options";
import type { Slots } from "./slots";
import type { SnoozeTimes } from "./snooze";
import type { Words } from "./words";

/** Called when an item's link is followed. Prevent the event's default to navigate in the product's own way. */
export type OpenHandler = (item: Notification, event: MouseEvent<HTMLAnchorElement>) => void;

/** Called when an item was answered: `doneAction` is on its way. Here the product accepts the friend, pays the bill. */
export type ActHandler = (item: Notification, actionId: string) => void;

/**
 * The address of a person's picture, or null for their initials. Give one that goes through the product's own server, or
 * null: the server of a picture learns who reads when.
 */
export type PictureOf = (actor: Actor) => string | null;

export interface Surroundings {
  readonly inbox: Inbox;
  readonly words: Words;
  readonly onOpen: OpenHandler | undefined;
  readonly onAct: ActHandler | undefined;
  readonly alerts: Alerts | undefined;
  readonly pictureOf: PictureOf | undefined;
  readonly slots: Slots;
  readonly snoozeTimes: SnoozeTimes;
  /** Null where the product has a settings page of its own: the centre then leads to none. */
  readonly preferences: PreferencesOptions | null;
  /** How many urgent dialogs there are: what they show makes no toast. */
  readonly dialogs: Store<number>;
  /** How many lists are on screen: where one is, there are no toasts. */
  readonly lists: Store<number>;
}

export const Context = createContext<Surroundings | null>(null);

export function useSurroundings(): Surroundings {
  const found = useContext(Context);
  if (!found) throw new Error("Tidings components and hooks must be inside a <TidingsProvider>.");
  return found;
}
