/**
 * One tree of components for each inbox, in which every element has a seat: a portal into the page where the element is.
 * So toasts know that the list is open, news are announced once, and ids are unique, however many elements there are.
 */
import { Fragment, type ReactNode, useMemo } from "react";
import { createPortal } from "react-dom";
import { createRoot } from "react-dom/client";
import type { Inbox } from "../core";
import { NotificationBell } from "../react/bell";
import { NotificationCenter, type NotificationCenterProps } from "../react/center";
import { Context, type Surroundings, useSurroundings } from "../react/context";
import { english } from "../react/english";
import { Preferences } from "../react/late-preferences";
import { NotificationPanel } from "../react/panel";
import { TidingsProvider } from "../react/provider";
import { Toasts } from "../react/toasts";
import { UrgentDialog } from "../react/urgent-dialog";

/** What an element brings into the tree. */
export interface Seat {
  /** The component is drawn into it, beside whatever else it contains. */
  readonly host: HTMLElement;
  readonly part: keyof typeof parts;
  /** What holds for this element only, in the place of what holds for the whole tree. */
  readonly own: {
    readonly [Name in "words" | "alerts" | "pictureOf" | "onOpen" | "onAct"]?: Surroundings[Name] | undefined;
  };
  /** For the part that can be opened. */
  readonly opening: NotificationCenterProps;
}

const parts = {
  bell: () => <NotificationBell />,
  center: ({ opening }) => <NotificationCenter {...opening} />,
  panel: () => <NotificationPanel />,
  preferences: () => <Preferences />,
  toasts: () => <Toasts />,
  urgent: () => <UrgentDialog />,
} satisfies Record<string, (seat: Seat) => ReactNode>;

export interface Seated {
  /** Draws the element again with another seat's content. */
  change(seat: Seat): void;
  /** Takes the component out of the element; with the last one of an inbox the whole tree goes. */
  leave(): void;
}

interface Tree {
  readonly seats: Map<number, Seat>;
  draw(): void;
}

const trees = new Map<Inbox, Tree>();
let lastKey = 0;

/** Gives the element a seat in the inbox's tree. Whoever comes again, even at once, starts anew. */
export function sit(inbox: Inbox, seat: Seat): Seated {
  const tree = trees.get(inbox) ?? plant(inbox);
  const key = ++lastKey;
  const change = (next: Seat) => {
    tree.seats.set(key, next);
    tree.draw();
  };
  change(seat);
  return {
    change,
    leave() {
      tree.seats.delete(key);
      tree.draw();
    },
  };
}

function plant(inbox: Inbox): Tree {
  const ground = document.body.appendChild(document.createElement("div"));
  const root = createRoot(ground);
  const seats = new Map<number, Seat>();
  let waiting = false;
  const drawNow = () => {
    waiting = false;
    if (seats.size > 0) return root.render(<Everything inbox={inbox} seats={seats} />);
    trees.delete(inbox);
    root.unmount();
    ground.remove();
  };
  const tree = {
    seats,
    // What a page does in one go (several properties, a move) is drawn once.
    draw() {
      if (!waiting) queueMicrotask(drawNow);
      waiting = true;
    },
  };
  trees.set(inbox, tree);
  return tree;
}

function Everything({ inbox, seats }: { readonly inbox: Inbox; readonly seats: ReadonlyMap<number, Seat> }) {
  const words = [...seats.values()].find(({ own }) => own.words)?.own.words;
  return (
    <TidingsProvider inbox={inbox} {...(words && { words })}>
      {[...seats].map(([key, seat]) => (
        <Fragment key={key}>{createPortal(<Place seat={seat} />, seat.host)}</Fragment>
      ))}
    </TidingsProvider>
  );
}

function Place({ seat }: { readonly seat: Seat }) {
  const shared = useSurroundings();
  const { own, part } = seat;
  const surroundings = useMemo(() => ({ ...shared, ...own, words: own.words ?? english }), [shared, own]);
  return <Context.Provider value={surroundings}>{parts[part](seat)}</Context.Provider>;
}
