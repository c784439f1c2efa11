import type { FirebaseApp } from "firebase/app";
import type { InboxUser } from "../core/connection";
import type { Inbox } from "../core/inbox";
import { collectDeeds } from "./deeds";
import type { Path } from "./documents";
import { absent } from "./follow";
import { createLeases } from "./leases";
import { listenTo, presencePath, type Watcher, watchPresence } from "./watch";

export interface PresenceOptions {
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  readonly inbox: Inbox;
  /**
   * An audience whose members show each other that they are there. Without it only the functions know: nobody is pushed
   * to who has the app in view.
   */
  readonly audience?: string;
}

export interface Presence extends Watcher {
  /**
   * What is on the screen now, as "type/id" of an event's target, such as "post/42": news about it count as seen. Null is
   * nothing in particular. Call it whenever the page moves.
   */
  show(target: string | null): void;
  /** The person is typing; call it at each keystroke. Others see it until three seconds after the last one. */
  typing(): void;
  /** Gives the leases back. */
  close(): void;
}

const pause = 3000; // ms without a keystroke
const retryAfter = 600_000; // ms; then a lease that was refused, as by a token that has expired, is asked for once more

/**
 * Says that somebody looks at this page, for as long as the page is in view: by a lease of a minute, which is renewed every 40
 * seconds and given back when the page is hidden or closed, each by one write. Its end goes by the inbox's clock, which is the server's.
 */
export function openPresence({ app, user, inbox, audience }: PresenceOptions): Presence {
  const { clock, uid } = inbox;
  const shared = audience === undefined ? null : presencePath(audience, uid);
  const watcher = audience === undefined ? null : watchPresence({ app, inbox, audience });
  const deeds = collectDeeds(inbox);
  const leases = createLeases({ app, user, clock, deeds: deeds.latest }, crypto.randomUUID(), shared);
  const typing = createTyping(look);
  let target: string | null = null;
  let inView = false;
  let stopPage = () => {};

  function look() {
    inView = document.visibilityState === "visible";
    if (inView) leases.hold(target, typing.isTyping(), false);
    else leases.release();
  }

  const lookIfInView = () => inView && look();

  /** What was written may be wrong by now, or was refused because it was. */
  const writeAnew = () => inView && leases.hold(target, typing.isTyping(), true);

  function hide() {
    inView = false;
    leases.release();
  }

  function start() {
    const stopView = watchView(look, hide, writeAnew);
    const stopOwn = shared ? keepShown(app, shared, leases.renewShared) : () => {};
    stopPage = () => {
      stopView();
      stopOwn();
    };
    look();
  }

  const stopInbox = whenLoaded(inbox, start);
  const stopClock = clock.onJump(writeAnew);
  return {
    show(next) {
      target = next;
      lookIfInView();
    },
    typing() {
      typing.key();
      lookIfInView();
    },
    watch(who, listener) {
      if (watcher) return watcher.watch(who, listener);
      listener(absent);
      return () => {};
    },
    close() {
      typing.close();
      stopPage();
      stopClock();
      stopInbox();
      leases.close();
      deeds.close();
    },
  };
}

/** Calls `start` when the inbox has loaded: Firestore comes after the first paint. Returns the function that ends it. */
function whenLoaded(inbox: Inbox, start: () => void): () => void {
  let started = false;
  return inbox.subscribe(({ loaded }) => {
    if (started || !loaded) return;
    started = true;
    start();
  });
}

/** Whether the person has typed a moment ago. `stopped` is called when they pause. */
function createTyping(stopped: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    isTyping: () => timer !== undefined,
    key() {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = undefined;
        stopped();
      }, pause);
    },
    close: () => clearTimeout(timer),
  };
}

/**
 * Calls `look` when the page comes into view or goes, and now and then; `hide` when it ends; `back` when the network comes back. Returns the
 * function that ends it.
 */
function watchView(look: () => void, hide: () => void, back: () => void): () => void {
  const timer = setInterval(look, retryAfter);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
  window.addEventListener("pagehide", hide);
  window.addEventListener("online", back);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("pageshow", look);
    window.removeEventListener("pagehide", hide);
    window.removeEventListener("online", back);
  };
}

/** Another page of the person has gone, and with it what both have shown: `renew` is called to show it again. */
function keepShown(app: FirebaseApp, path: Path, renew: () => void): () => void {
  let was = false;
  return listenTo(app, path, shown => {
    if (was && !shown) renew();
    was = shown !== null;
  });
}
