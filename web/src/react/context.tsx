import { createContext, type MouseEvent, type ReactNode, useContext, useMemo } from "react";
import type { Inbox, Notification } from "../core";
import { english, type Words } from "./words";

/** Called when an item's link is followed. Prevent the event's default to navigate in the product's own way. */
export type OpenHandler = (item: Notification, event: MouseEvent<HTMLAnchorElement>) => void;

interface Surroundings {
  readonly inbox: Inbox;
  readonly words: Words;
  readonly onOpen: OpenHandler | undefined;
}

const Context = createContext<Surroundings | null>(null);

export interface TidingsProviderProps {
  /** Opened with `openInbox` when the person signs in, closed when they sign out. */
  readonly inbox: Inbox;
  /** The components' own words; English unless given. */
  readonly words?: Words;
  readonly onOpen?: OpenHandler;
  readonly children: ReactNode;
}

/** Gives the components and hooks below it their inbox. */
export function TidingsProvider({ inbox, words = english, onOpen, children }: TidingsProviderProps) {
  const surroundings = useMemo(() => ({ inbox, words, onOpen }), [inbox, words, onOpen]);
  return <Context value={surroundings}>{children}</Context>;
}

export function useSurroundings(): Surroundings {
  const found = useContext(Context);
  if (!found) throw new Error("Tidings components and hooks must be inside a <TidingsProvider>.");
  return found;
}
