import type { Actor, Alerts, Inbox, Notification } from "../core";
import type { Words } from "../react/words";
import { type Seat, type Seated, sit } from "./tree";

/** Which of the components an element shows. */
export type Part = "bell" | "center" | "panel" | "preferences" | "toasts" | "urgent";

/** The events of all elements. They bubble, also out of a shadow root. */
export interface TidingsEvents {
  /** An item's link was followed. Prevent the default to navigate in the product's own way. */
  "tidings-open": CustomEvent<{ readonly item: Notification; readonly originalEvent: MouseEvent }>;
  /** An item was answered: `doneAction` is on its way. */
  "tidings-act": CustomEvent<{ readonly item: Notification; readonly actionId: string }>;
  /** The centre was opened or closed, by whomever. */
  "tidings-toggle": CustomEvent<{ readonly open: boolean }>;
}

// A server that renders the page has no elements, and needs none: it imports this and writes the tags.
const Base: typeof HTMLElement = globalThis.HTMLElement ?? class {};

/**
 * What the elements have in common. An element shows something while it is in the page and has an inbox, in whatever order
 * it gets them. What it shows is within it, not in a shadow root, so that `styles.css`, the product's custom properties, and
 * labels and ids of the page reach it. An element that is moved starts anew, as the platform's own popovers and dialogs do.
 */
export abstract class TidingsElement extends Base {
  readonly #part: Part;
  #inbox: Inbox | null = null;
  #own: Seat["own"];
  #seated: Seated | null = null;

  protected constructor(part: Part) {
    super();
    this.#part = part;
    this.#own = {
      onOpen: (item, event) => {
        const detail = { item, originalEvent: event.nativeEvent };
        if (!this.tell("tidings-open", detail)) event.preventDefault();
      },
      onAct: (item, actionId) => this.tell("tidings-act", { item, actionId }),
    };
  }

  /** From `openInbox`; null shows nothing, as before a sign-in and after a sign-out. */
  get inbox(): Inbox | null {
    return this.#inbox;
  }

  set inbox(inbox: Inbox | null | undefined) {
    if ((inbox ?? null) === this.#inbox) return;
    this.#leave();
    this.#inbox = inbox ?? null;
    this.#sit();
  }

  /** The words that the component says by itself: `english` unless given. */
  get words(): Words | undefined {
    return this.#own.words;
  }

  set words(words: Words | undefined) {
    this.#change({ words });
  }

  /** From `openAlerts`: the centre's menu then offers browser notifications and sound. */
  get alerts(): Alerts | undefined {
    return this.#own.alerts;
  }

  set alerts(alerts: Alerts | undefined) {
    this.#change({ alerts });
  }

  /** The address of a person's picture, or null for their initials; unless given, what the producer says. */
  get pictureOf(): ((actor: Actor) => string | null) | undefined {
    return this.#own.pictureOf;
  }

  set pictureOf(pictureOf: ((actor: Actor) => string | null) | undefined) {
    this.#change({ pictureOf });
  }

  connectedCallback() {
    // What was set on the tag before it became an element hides the properties of the class.
    for (const name of ["inbox", "words", "alerts", "pictureOf", "open"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    this.#sit();
  }

  disconnectedCallback() {
    this.#leave();
  }

  /** `moveBefore` keeps what is open and where it is scrolled to. Without this method the platform takes it for two steps. */
  connectedMoveCallback() {}

  /** Whether the part that can be opened is to be open, and who hears of it. */
  protected opening(): { readonly open?: boolean; readonly onOpenChange?: (open: boolean) => void } {
    return {};
  }

  /** Dispatches an event; answers false if its default was prevented. */
  protected tell<T extends keyof TidingsEvents>(type: T, detail: TidingsEvents[T]["detail"]): boolean {
    return this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, cancelable: true, detail }));
  }

  /** Draws the element again, if it shows something. */
  protected draw() {
    this.#seated?.change(this.#seat());
  }

  /** The element shows nothing any more. */
  protected left() {}

  #change(own: Seat["own"]) {
    this.#own = { ...this.#own, ...own };
    this.draw();
  }

  #seat(): Seat {
    return { host: this, part: this.#part, own: this.#own, opening: this.opening() };
  }

  #sit() {
    if (this.#inbox && this.isConnected) this.#seated ??= sit(this.#inbox, this.#seat());
  }

  #leave() {
    if (!this.#seated) return;
    this.#seated.leave();
    this.#seated = null;
    this.left();
  }
}
