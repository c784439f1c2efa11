import type { FirebaseApp } from "firebase/app";
import type { Alerts } from "../core/alerts";
import type { Inbox } from "../core/inbox";
import { createStore, type Readable } from "../core/store";
import type { TokenSource } from "./fcm";
import { introduce, postToWorker, type Registration } from "./page";
import { createRegistrar } from "./registrar";
import { ability, permitted } from "./this-browser";

export interface PushSnapshot {
  /**
   * unsupported: this browser has no pushes. denied: the person said no, in the browser. off: nobody has been asked, or the
   * person has signed out. on: this browser is registered. failed: it could not be, and `error` says why; it is tried
   * again when the network comes back, when the page is opened next, and by `enable`.
   */
  readonly status: "unsupported" | "denied" | "off" | "registering" | "on" | "failed";
  readonly error: string | null;
}

export interface Push extends Readable<PushSnapshot> {
  /** Asks for permission if need be, and registers this browser. Call it from a click. Never rejects: see `status`. */
  enable(): Promise<void>;
  /**
   * Deregisters this browser and has the worker forget the person. Wait for it before signing out of Firebase: the device's
   * document is the person's own. It takes five seconds at most; what is left then is the server's to find out.
   */
  signOut(): Promise<void>;
  /** Ends what this page does. Pushes go on: the worker needs no page. */
  close(): void;
}

export interface PushOptions {
  readonly app: FirebaseApp;
  readonly inbox: Inbox;
  /** The registration of the worker (`@tidings/web/worker`); null where there is none. */
  readonly registration: Registration;
  readonly source: TokenSource;
  /** With them, "Browser notifications" in the centre's menu turns pushes on as well. */
  readonly alerts?: Alerts;
  /** What pushes are written in, as BCP 47; the browser's language unless given. */
  readonly locale?: string;
}

const repeatEvery = 86_400_000; // ms; a page that stays open for weeks says that it is there, too
const patience = 5000; // ms

/**
 * Pushes for the person of `inbox` in this browser, until closed. Where notifications are permitted already, it registers
 * by itself.
 */
export function openPush({ app, inbox, registration, source, alerts, locale }: PushOptions): Push {
  const { uid } = inbox;
  const store = createStore<PushSnapshot>({ status: ability(), error: null });
  const registrar = createRegistrar({ app, inbox, registration, source, locale });
  let closed = false;
  let running: Promise<void> | null = null;

  function set(status: PushSnapshot["status"], error: string | null = null) {
    if (!closed) store.set({ status, error });
  }

  async function register(): Promise<void> {
    if (store.getSnapshot().status !== "on") set("registering");
    try {
      set((await registrar.register(() => closed)) ? "on" : "unsupported");
    } catch (error) {
      set("failed", error instanceof Error ? error.message : String(error));
    }
  }

  /** One at a time; and not after the person has left. */
  async function start(): Promise<void> {
    const able = ability();
    if (closed) return;
    if (able !== "off") return set(able);
    running ??= register().finally(() => {
      running = null;
    });
    await running;
  }

  const resume = () => {
    if (permitted()) void start();
  };
  const stopOccasions = watchOccasions(resume, () => store.getSnapshot().status === "failed");
  const stopIntroducing = introduce(inbox, registration);
  const stopAlerts = alerts?.subscribe(resume);
  resume();

  function close() {
    closed = true;
    stopAlerts?.();
    stopIntroducing();
    stopOccasions();
    store.close();
  }

  return {
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    async enable() {
      if (ability() === "off" && !permitted()) await Notification.requestPermission();
      if (permitted()) await start();
      else set(ability());
    },
    async signOut() {
      set("off");
      close();
      await postToWorker(registration, { tidings: "leave", uid });
      const end = Promise.allSettled([running]).then(registrar.deregister);
      await Promise.race([end, new Promise(resolve => setTimeout(resolve, patience))]);
    },
    close,
  };
}

/** Calls `resume` once a day, and when the network comes back while `isWaiting`. Returns the function that ends it. */
function watchOccasions(resume: () => void, isWaiting: () => boolean): () => void {
  const timer = setInterval(resume, repeatEvery);
  const online = () => isWaiting() && resume();
  globalThis.addEventListener?.("online", online);
  return () => {
    clearInterval(timer);
    globalThis.removeEventListener?.("online", online);
  };
}
