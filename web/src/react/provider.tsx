import { type ReactNode, useMemo } from "react";
import type { Alerts, Inbox } from "../core";
import { createStore } from "../core/store";
import { Announcer } from "./announcer";
import { type ActHandler, Context, type OpenHandler, type PictureOf } from "./context";
import { english } from "./english";
import type { PreferencesOptions } from "./preferences-options";
import type { Slots } from "./slots";
import { type SnoozeTimes, snoozeTimes as usualTimes } from "./snooze";
import type { Words } from "./words";

export interface TidingsProviderProps {
  /** From `useOpenInbox`; or from `openInbox`, closed on sign-out. */
  readonly inbox: Inbox;
  /** The components' own words; English unless given. */
  readonly words?: Words;
  readonly onOpen?: OpenHandler;
  readonly onAct?: ActHandler;
  /** With `openAlerts(inbox)`, the centre's menu offers browser notifications and sound. */
  readonly alerts?: Alerts;
  /** Where people's pictures come from; from where the producer says unless given. */
  readonly pictureOf?: PictureOf;
  /** Components of the product's own in the place of ours. */
  readonly slots?: Slots;
  /** The times to snooze until; an hour, this evening, tomorrow and next week unless given. */
  readonly snoozeTimes?: SnoozeTimes;
  /** What the preferences offer. With false, the centre has no way to them: the product has a settings page of its own. */
  readonly preferences?: PreferencesOptions | false;
  readonly children: ReactNode;
}

const noSlots: Slots = {};
const usualPreferences: PreferencesOptions = {};

/** Gives the components and hooks below it their inbox, and tells assistive technology of news, politely. */
export function TidingsProvider(props: TidingsProviderProps) {
  const { inbox, words = english, onOpen, onAct, alerts, pictureOf, children } = props;
  const { slots = noSlots, snoozeTimes = usualTimes } = props;
  const preferences = props.preferences === false ? null : (props.preferences ?? usualPreferences);
  const dialogs = useMemo(() => createStore(0), []);
  const lists = useMemo(() => createStore(0), []);
  const surroundings = useMemo(
    () => ({ inbox, words, onOpen, onAct, alerts, pictureOf, slots, snoozeTimes, preferences, dialogs, lists }),
    [inbox, words, onOpen, onAct, alerts, pictureOf, slots, snoozeTimes, preferences, dialogs, lists],
  );
  return (
    <Context.Provider value={surroundings}>
      {children}
      <Announcer />
    </Context.Provider>
  );
}
