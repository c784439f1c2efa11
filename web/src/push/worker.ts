/**
 * The service worker: the one place that displays. Pushes come here, and the news of a page that nobody looks at; so
 * each revision shows once, whichever way it came, and with every tab closed. It is built as a plain script without imports.
 */
import { safeUrl } from "../core/url";
import {
  afterShow,
  afterWithdraw,
  badgeFor,
  clicksOf,
  dropClicks,
  guard,
  isNew,
  isOver,
  keepClick,
  leave,
  type Memory,
  own,
  setPage,
  setUnread,
} from "./memory";
import type { Showable, ToPage, ToWorker } from "./messages";
import { readMessage, readPush, readShown } from "./payload";
import { load, save } from "./store";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

self.addEventListener("push", event => {
  event.waitUntil(
    inOrder(memory => (memory.owner === null ? memory : receive(memory, memory.owner, json(event.data)))),
  );
});

self.addEventListener("message", event => {
  const message = readMessage(event.data);
  if (message) event.waitUntil(inOrder(memory => take(memory, message, event.source)));
});

self.addEventListener("notificationclick", event => {
  const { notification, action } = event;
  const shown = readShown(notification.data);
  if (!shown) return;
  notification.close();
  event.waitUntil(inOrder(memory => press(memory, notification.tag, action, shown)));
});

self.addEventListener("notificationclose", event => {
  const shown = readShown(event.notification.data);
  if (shown) event.waitUntil(say("dismissed", shown.beacon));
});

/** Tells the functions what only a worker sees. It is for statistics alone: what does not arrive is not said again. */
async function say(deed: "displayed" | "dismissed", beacon: string): Promise<void> {
  // As plain text and without an answer to read, no browser asks the other site for permission first.
  if (beacon) await fetch(beacon, { method: "POST", body: deed, mode: "no-cors", keepalive: true }).catch(() => {});
}

/** Does what a page asks for. */
async function take(memory: Memory, message: ToWorker, source: ExtendableMessageEvent["source"]): Promise<Memory> {
  const { uid } = message;
  const known = await introduce(memory, source, uid);
  switch (message.tidings) {
    case "page": {
      const clicks = clicksOf(known, uid, Date.now());
      if (clicks.length > 0 && source instanceof Client) post(source, { tidings: "kept", clicks });
      return known;
    }
    case "own":
      return changeOwner(known, own(known, uid, message.alone), uid);
    case "guard":
      return changeOwner(known, guard(known, uid), uid);
    case "leave":
      await closeOf(uid);
      await showBadge(badgeFor(known, uid) === null ? null : 0);
      return leave(known, uid);
    case "show":
      return show(known, uid, message.item, message.silent);
    case "push":
      return receive(known, uid, message.payload);
    case "unread":
      return setBadge(setUnread(known, uid, message.ids), uid);
    case "done":
      return dropClicks(known, message.clicks);
  }
}

/** What was shown to the former owner goes, where there is another one now. */
async function changeOwner({ owner: former }: Memory, next: Memory, uid: string): Promise<Memory> {
  if (former === null || next.owner === former) return next;
  await closeOf(former);
  return setBadge(next, uid);
}

/** Takes one step after the other: of two pushes at once, the second must find what the first has shown. */
let last: Promise<void> = Promise.resolve();
function inOrder(step: (memory: Memory) => Memory | Promise<Memory>): Promise<void> {
  const mine = last.then(async () => {
    const memory = await load();
    const next = await step(memory);
    if (next !== memory) await save(next);
  });
  last = mine.catch(() => {}); // one that failed is no reason to stop
  return mine;
}

async function receive(memory: Memory, uid: string, payload: unknown): Promise<Memory> {
  const request = readPush(payload);
  if (!request) return memory;
  if (request.kind === "withdraw") {
    const { id, revision } = request;
    for (const one of await self.registration.getNotifications({ tag: id })) {
      const shown = readShown(one.data);
      if (shown?.uid === uid && shown.revision <= revision) one.close();
    }
    return setBadge(afterWithdraw(memory, uid, id, revision), uid);
  }
  // A page that the person looks at shows it itself, and louder.
  const pages = await pagesOf(memory, uid);
  if (pages.some(page => page.visibilityState === "visible")) return memory;
  return show(memory, uid, request.item, false);
}

/** Shows the item unless that revision was shown or withdrawn before. It is remembered only once it is on the screen. */
async function show(memory: Memory, uid: string, item: Showable, silent: boolean): Promise<Memory> {
  if (!isNew(memory, uid, item)) return memory;
  const buttons = item.actions.slice(0, 2); // what browsers show
  const links = [["", item.url] as const, ...buttons.map(({ id, url }) => [id, url] as const)].flatMap(
    ([of, address]) => {
      const safe = safeUrl(address);
      return safe === null ? [] : [[of, safe] as const];
    },
  );
  const options: ShowOptions = {
    body: item.body,
    tag: item.id,
    renotify: true,
    requireInteraction: item.priority === "urgent",
    silent,
    data: { uid, revision: item.revision, links: Object.fromEntries(links), of: item.of, beacon: item.beacon },
    ...(buttons.length > 0 ? { actions: buttons.map(({ id, label }) => ({ action: id, title: label })) } : {}),
  };
  await self.registration.showNotification(item.title, options);
  void say("displayed", item.beacon); // the next push does not wait for it
  return setBadge(afterShow(memory, uid, item), uid);
}

/** TypeScript's library knows what all browsers have; the others leave out what they do not know. */
interface ShowOptions extends NotificationOptions {
  readonly renotify: boolean;
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
}

/** A page of the person does what was pressed. Without one it is kept until there is, and the link opened meanwhile. */
async function press(
  memory: Memory,
  id: string,
  action: string,
  { uid, links }: ReturnType<typeof readShown> & object,
) {
  const [page] = await pagesOf(memory, uid);
  if (page) {
    post(page, { tidings: "click", id, action });
    await page.focus().catch(() => null); // some browsers let nobody take the focus
    return memory;
  }
  const next = keepClick(memory, { uid, id, action, at: Date.now() });
  await save(next); // whatever becomes of the window
  await self.clients.openWindow(links[action] ?? links[""] ?? self.registration.scope).catch(() => null);
  return next;
}

/** The person's pages, the one that was looked at last first. */
async function pagesOf({ pages }: Memory, uid: string): Promise<readonly WindowClient[]> {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return open.filter(({ id }) => Object.hasOwn(pages, id) && pages[id] === uid);
}

/** Notes whose page it is that speaks. */
async function introduce(memory: Memory, source: ExtendableMessageEvent["source"], uid: string): Promise<Memory> {
  if (!(source instanceof Client) || memory.pages[source.id] === uid) return memory;
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return setPage(
    memory,
    source.id,
    uid,
    open.map(({ id }) => id),
  );
}

async function closeOf(uid: string): Promise<void> {
  for (const one of await self.registration.getNotifications()) if (readShown(one.data)?.uid === uid) one.close();
}

async function setBadge(memory: Memory, uid: string): Promise<Memory> {
  for (const one of await self.registration.getNotifications()) {
    const shown = readShown(one.data);
    if (shown?.uid === uid && isOver(memory, uid, shown.of)) one.close();
  }
  await showBadge(badgeFor(memory, uid));
  return memory;
}

/** The number on the app's icon, where it is installed and the browser has one; null leaves it as it is. */
async function showBadge(count: number | null): Promise<void> {
  const { navigator } = self;
  if (count === null || !("setAppBadge" in navigator)) return;
  await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {});
}

function post(page: Client, message: ToPage) {
  page.postMessage(message);
}

function json(data: PushMessageData | null): unknown {
  try {
    return data?.json();
  } catch {
    return null; // somebody else's push
  }
}
