import type { FirebaseApp } from "firebase/app";
import type { InboxUser } from "../core/connection";
import type { Inbox } from "../core/inbox";
import type { Path } from "./documents";
import { absent } from "./follow";
import { createLease, leaseTime } from "./lease";
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
 * seconds and given back when the page is hidden or closed. Its end goes by the inbox's clock, which is the server's.
 */
export function openPresence({ app, user, inbox, audience }: PresenceOptions): Presence {
  const { clock, uid } = inbox;
  const shared = audience === undefined ? null : presencePath(audience, uid);
  const watcher = audience === undefined ? null : watchPresence({ app, inbox, audience });
  const session = leaseAt<string | null>(["users", uid, "sessions", crypto.randomUUID()], target => ({
    target,
    visible: true,
  }));
  const presence = shared && leaseAt<boolean>(shared, typing => ({ typing }));
  let target: string | null = null;
  let typed: ReturnType<typeof setTimeout> | undefined;
  let inView = false;
  let stopOwn = () => {};

  function leaseAt<T extends string | boolean | null>(path: Path, fields: (claim: T) => Record<string, unknown>) {
    let idToken = ""; // for a page that closes: by then there is no time to ask
    return createLease<T>({
      async write(claim) {
        idToken = await user.getIdToken();
        const documents = await import("./documents");
        await documents.put(app, path, clock.now() + leaseTime, fields(claim));
      },
      remove: async () => (await import("./documents")).remove(app, path, idToken),
    });
  }

  function look() {
    inView = document.visibilityState === "visible";
    if (!inView) return release();
    session.hold(target);
    presence?.hold(typed !== undefined);
  }

  function release() {
    inView = false;
    session.release();
    presence?.release();
  }

  function renew() {
    session.renew();
    presence?.renew();
  }

  /** Another page of the person has gone, and with it what both have shown: this one shows it again. */
  function keepShown(path: Path): () => void {
    let was = false;
    return listenTo(app, path, shown => {
      if (was && !shown) presence?.renew();
      was = shown !== null;
    });
  }

  // Firestore comes after the first paint.
  let started = false;
  const stopInbox = inbox.subscribe(({ loaded }) => {
    if (started || !loaded) return;
    started = true;
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pageshow", look);
    window.addEventListener("pagehide", release);
    if (shared) stopOwn = keepShown(shared);
    look();
  });
  const stopClock = clock.onJump(renew);
  const timer = setInterval(() => started && look(), retryAfter);

  return {
    show(next) {
      target = next;
      if (inView) look();
    },
    typing() {
      clearTimeout(typed);
      typed = setTimeout(() => {
        typed = undefined;
        if (inView) look();
      }, pause);
      if (inView) look();
    },
    watch(who, listener) {
      if (watcher) return watcher.watch(who, listener);
      listener(absent);
      return () => {};
    },
    close() {
      clearTimeout(typed);
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pageshow", look);
      window.removeEventListener("pagehide", release);
      stopOwn();
      stopClock();
      stopInbox();
      session.close();
      presence?.close();
    },
  };
}
