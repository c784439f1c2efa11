/**
 * What reaches a person who does not look at the page: browser notifications, and for urgent items a sound and a
 * vibration. One tab alerts for all of them. Pushes to a closed page are the service worker's business, not this file's.
 */
import type { Inbox } from "./inbox";
import type { Notification as Item } from "./model";
import { inOneTab } from "./one-tab";
import { playSignal, readSound, writeSound } from "./sound";
import { createStore, type Readable } from "./store";
import { safeUrl } from "./url";

export interface AlertsSnapshot {
  /** What the browser allows: "default" = not asked yet; "unsupported" where there are no browser notifications. */
  readonly permission: NotificationPermission | "unsupported";
  /** Whether urgent items make a sound and a vibration. */
  readonly sound: boolean;
}

export interface Alerts extends Readable<AlertsSnapshot> {
  /** Asks the browser for permission. Call it from a click: browsers ignore it otherwise, and people dislike being asked without a reason. */
  request(): Promise<void>;
  setSound(on: boolean): void;
  close(): void;
}

export interface AlertOptions {
  /** Follows an item's link. Unless given, this page goes there. */
  readonly open?: (item: Item, url: string) => void;
  /**
   * With the service worker of `@tidings/web/worker`, notifications have action buttons, phones show them too, and what came
   * as a push is not shown again. The page posts `{tidings: "show", uid, item, silent}` to the worker; the worker posts
   * `{tidings: "click", id, action}` to a page of that person when one of its notifications is pressed.
   */
  readonly registration?: Promise<ServiceWorkerRegistration | null>;
}

/** What a service worker posts to the page when one of its notifications was pressed. */
interface Click {
  readonly tidings: "click";
  readonly id: string;
  /** The pressed button's action; empty for the notification itself. */
  readonly action: string;
}

/** Alerts for the news of `inbox` until closed. */
export function openAlerts(inbox: Inbox, { open = follow, registration }: AlertOptions = {}): Alerts {
  const supported = typeof Notification !== "undefined";
  const store = createStore<AlertsSnapshot>({
    permission: supported ? Notification.permission : "unsupported",
    sound: readSound(),
  });
  const press = (id: string, action: string) => void carryOut(inbox, id, action, open);

  async function alert(item: Item) {
    const { sound } = store.getSnapshot();
    if (sound && item.priority === "urgent") playSignal();
    // Asked of the browser, because another tab may have been given the permission.
    if (!supported || Notification.permission !== "granted" || !document.hidden) return;
    const worker = (await registration?.catch(() => null))?.active;
    if (worker) worker.postMessage({ tidings: "show", uid: inbox.uid, item, silent: !sound });
    else showWithoutWorker(item, !sound, () => press(item.id, ""));
  }

  const stopNews = inbox.onNews(news => {
    for (const item of news) {
      if (item.priority !== "urgent" && item.priority !== "high") continue;
      void inOneTab(`tidings ${inbox.uid} ${item.id} ${item.revision}`, () => alert(item));
    }
  });
  const stopPresses = listenToWorker(press);

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
      stopPresses();
      store.close();
    },
  };
}

const courtesy = 300; // ms for the mark to be sent, or without a network queued

/** Does what the person has pressed: on a button of the notification its action, on the rest of it reading. */
async function carryOut(inbox: Inbox, id: string, action: string, open: NonNullable<AlertOptions["open"]>) {
  window.focus();
  const item = inbox.getSnapshot().notifications.find(one => one.id === id);
  if (!item) return;
  const chosen = item.actions.find(one => one.id === action);
  const marked = chosen ? inbox.act(id, action) : inbox.markOpened(id);
  const url = safeUrl((chosen ?? item).url);
  // Another page may follow, and this one end.
  await Promise.race([marked.catch(() => {}), new Promise(resolve => setTimeout(resolve, courtesy))]);
  if (url) open(item, url);
}

function showWithoutWorker(item: Item, silent: boolean, pressed: () => void) {
  const options = {
    body: item.body,
    tag: item.id, // as the worker's
    renotify: true,
    requireInteraction: item.priority === "urgent",
    silent,
  };
  const shown = new Notification(item.title, options);
  shown.onclick = () => {
    pressed();
    shown.close();
  };
}

/** Returns the function that ends it. */
function listenToWorker(press: (id: string, action: string) => void): () => void {
  const container = typeof navigator === "undefined" ? undefined : navigator.serviceWorker;
  const received = ({ data }: MessageEvent<Click>) => {
    if (data?.tidings === "click") press(data.id, data.action);
  };
  container?.addEventListener("message", received);
  return () => container?.removeEventListener("message", received);
}

function follow(_item: Item, url: string) {
  location.assign(url);
}
