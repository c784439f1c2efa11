/**
 * What reaches a person who does not look at the page: browser notifications, and for urgent items a sound and a
 * vibration. One tab alerts for all of them. Pushes to a closed page are the service worker's business, not this file's.
 */
import type { Inbox } from "./inbox";
import type { Notification as Item } from "./model";
import { playSignal } from "./signal";
import { createStore, type Readable } from "./store";
import { safeUrl } from "./url";

export interface AlertsSnapshot {
  /** What the browser allows: "default" = not asked yet; "unsupported" where there are no browser notifications. */
  readonly permission: NotificationPermission | "unsupported";
  /** Whether urgent items make a sound and a vibration. */
  readonly sound: boolean;
}

export interface Alerts extends Readable<AlertsSnapshot> {
  /** Asks the browser for permission. Call it from a click: browsers ignore it otherwise, and people resent it. */
  request(): Promise<void>;
  setSound(on: boolean): void;
  close(): void;
}

export interface AlertOptions {
  /** Follows an item's link. Unless given, this page goes there. */
  readonly open?: (item: Item, url: string) => void;
  /**
   * With the service worker of `@tidings/web/worker`, notifications have action buttons, phones show them too, and what came
   * as a push is not shown again. The worker displays what it is told by a message `{tidings: "show", uid, item, silent}`,
   * and tells a page of that person of a press by `{tidings: "click", id, action}`.
   */
  readonly registration?: Promise<ServiceWorkerRegistration | null>;
}

/** What a service worker tells the page when one of its notifications was clicked. */
interface Click {
  readonly tidings: "click";
  readonly id: string;
  /** The pressed button's action; empty for the notification itself. */
  readonly action: string;
}

const soundKey = "tidings.sound";

/** Alerts for the news of `inbox` until closed. */
export function openAlerts(inbox: Inbox, { open = follow, registration }: AlertOptions = {}): Alerts {
  const supported = typeof Notification !== "undefined";
  const store = createStore<AlertsSnapshot>({
    permission: supported ? Notification.permission : "unsupported",
    sound: readSound(),
  });

  async function clicked(id: string, action: string) {
    window.focus();
    const item = inbox.getSnapshot().notifications.find(one => one.id === id);
    if (!item) return;
    const chosen = item.actions.find(one => one.id === action);
    const marked = chosen ? inbox.act(id, action) : inbox.markRead(id);
    const url = safeUrl((chosen ?? item).url);
    // Another page may follow: by then the mark has been sent, or without a network queued.
    await Promise.race([marked.catch(() => {}), wait(courtesy)]);
    if (url) open(item, url);
  }

  async function show(item: Item) {
    const silent = !store.getSnapshot().sound;
    const worker = (await registration?.catch(() => null))?.active;
    if (worker) return worker.postMessage({ tidings: "show", uid: inbox.uid, item, silent });
    const options = {
      body: item.body,
      tag: item.id, // as the worker's
      renotify: true,
      requireInteraction: item.priority === "urgent",
      silent,
    };
    const shown = new Notification(item.title, options);
    shown.onclick = () => {
      void clicked(item.id, "");
      shown.close();
    };
  }

  const stopNews = inbox.onNews(news => {
    for (const item of news) {
      if (item.priority !== "urgent" && item.priority !== "high") continue;
      void once(`tidings ${inbox.uid} ${item.id} ${item.revision}`, async () => {
        if (store.getSnapshot().sound && item.priority === "urgent") playSignal();
        // Asked of the browser, because another tab may have been given the permission.
        if (supported && Notification.permission === "granted" && document.hidden) await show(item);
      });
    }
  });

  const fromWorker = ({ data }: MessageEvent<Click>) => {
    if (data?.tidings === "click") void clicked(data.id, data.action);
  };
  const worker = typeof navigator === "undefined" ? undefined : navigator.serviceWorker;
  worker?.addEventListener("message", fromWorker);

  return {
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    async request() {
      if (supported) store.set({ ...store.getSnapshot(), permission: await Notification.requestPermission() });
    },
    setSound(sound) {
      store.set({ ...store.getSnapshot(), sound });
      writeSound(sound);
      if (sound) playSignal(); // this is what it sounds like; and after a click the browser lets it
    },
    close() {
      stopNews();
      worker?.removeEventListener("message", fromWorker);
      store.close();
    },
  };
}

const courtesy = 300; // ms; a tab that somebody looks at goes first
const grace = 2000; // ms; the other tabs hear of the same item within that

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Runs `alert` in one of the tabs that call this at about the same time: in one that can be seen, if there is one. */
async function once(name: string, alert: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return alert();
  if (document.hidden) await wait(courtesy);
  await navigator.locks.request(name, { ifAvailable: true }, async lock => {
    if (!lock) return;
    await alert();
    await wait(grace);
  });
}

function follow(_item: Item, url: string) {
  location.assign(url);
}

// A browser that keeps nothing has the default, which is on.
function readSound(): boolean {
  try {
    return localStorage.getItem(soundKey) !== "off";
  } catch {
    return true;
  }
}

function writeSound(on: boolean) {
  try {
    localStorage.setItem(soundKey, on ? "on" : "off");
  } catch {
    // It then lasts as long as the page.
  }
}
