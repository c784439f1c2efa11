import type { FirebaseApp } from "firebase/app";
import type { Alerts } from "../core/alerts";
import type { Inbox } from "../core/inbox";
import { createStore, type Readable } from "../core/store";
import type { TokenSource } from "./fcm";
import { introduce, type Registration, tellWorker } from "./page";

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
  const store = createStore<PushSnapshot>({ status: statusOf(), error: null });
  let closed = false;
  let running: Promise<void> | null = null;

  function tell(status: PushSnapshot["status"], error: string | null = null) {
    if (!closed) store.set({ status, error });
  }

  async function register(): Promise<void> {
    const installation = installationId();
    const worker = await registration.catch(() => null);
    if (!worker || installation === null) return tell("unsupported");
    if (store.getSnapshot().status !== "on") tell("registering");
    try {
      if (source.shared && formerOwner() !== uid) {
        // Whoever was signed in here before: what is still sent to their address must not show.
        await tellWorker(registration, { tidings: "guard", uid });
        if (formerOwner() !== null) await source.drop(worker, uid);
      }
      const token = await source.take(worker, uid);
      if (closed) return;
      rememberOwner(uid);
      await tellWorker(registration, { tidings: "own", uid, alone: source.shared });
      await loaded(inbox); // Firestore is the inbox's to set up
      const devices = await import("./devices");
      await devices.register(app, { uid, id: installation, token, locale: locale ?? navigator.language });
      tell("on");
    } catch (error) {
      tell("failed", error instanceof Error ? error.message : String(error));
    }
  }

  async function deregister(): Promise<void> {
    const installation = installationId();
    if (installation === null) return;
    await loaded(inbox);
    await (await import("./devices")).deregister(app, uid, installation);
  }

  async function drop(): Promise<void> {
    const worker = await registration.catch(() => null);
    if (!worker || formerOwner() !== uid) return;
    await source.drop(worker, uid);
    rememberOwner(null);
  }

  /** One at a time; and not after the person has left. */
  function start(): Promise<void> {
    if (closed || statusOf() !== "off") {
      if (statusOf() !== "off") tell(statusOf());
      return Promise.resolve();
    }
    running ??= register().finally(() => {
      running = null;
    });
    return running;
  }

  const resume = () => {
    if (permitted()) void start();
  };
  const online = () => {
    if (store.getSnapshot().status === "failed") resume();
  };
  const stopIntroducing = introduce(inbox, registration);
  const stopAlerts = alerts?.subscribe(resume);
  const timer = setInterval(resume, repeatEvery);
  if (typeof window !== "undefined") window.addEventListener("online", online);
  resume();

  function close() {
    closed = true;
    clearInterval(timer);
    stopAlerts?.();
    stopIntroducing();
    if (typeof window !== "undefined") window.removeEventListener("online", online);
    store.close();
  }

  return {
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    async enable() {
      if (statusOf() === "off" && !permitted()) await Notification.requestPermission();
      if (permitted()) await start();
      else tell(statusOf());
    },
    async signOut() {
      tell("off");
      close();
      await tellWorker(registration, { tidings: "leave", uid });
      const end = Promise.allSettled([running]).then(() => Promise.allSettled([deregister(), drop()]));
      await Promise.race([end, new Promise(resolve => setTimeout(resolve, patience))]);
    },
    close,
  };
}

function permitted(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "granted";
}

/** What the browser lets us do, as far as it says; "off" is everything. */
function statusOf(): "unsupported" | "denied" | "off" {
  const able = typeof Notification !== "undefined" && typeof navigator !== "undefined" && "serviceWorker" in navigator;
  if (!able) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "off";
}

function loaded(inbox: Inbox): Promise<void> {
  return new Promise(resolve => {
    let stop = () => {};
    const look = () => {
      if (!inbox.getSnapshot().loaded) return;
      queueMicrotask(() => stop()); // the first call comes before there is anything to stop
      resolve();
    };
    stop = inbox.subscribe(look);
  });
}

const installationKey = "tidings.installation";
const ownerKey = "tidings.pushes";

/** This browser's own id, the same at every visit; null where nothing is kept, as each visit would be another device. */
function installationId(): string | null {
  try {
    const known = localStorage.getItem(installationKey) ?? crypto.randomUUID();
    localStorage.setItem(installationKey, known);
    return known;
  } catch {
    return null;
  }
}

/** Whom the browser's address was taken for. */
function formerOwner(): string | null {
  try {
    return localStorage.getItem(ownerKey);
  } catch {
    return null;
  }
}

function rememberOwner(uid: string | null) {
  try {
    if (uid === null) localStorage.removeItem(ownerKey);
    else localStorage.setItem(ownerKey, uid);
  } catch {
    // The next person's page then takes the address over without giving it up first; the server knows one owner only.
  }
}
