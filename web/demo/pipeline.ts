/** What the page can really know about the way of one event, and when: from its own clock, the item, the database and the fake FCM. */
import type { Inbox, Notification } from "../src/core";
import { readPushes } from "./fcm";
import { stackOffset } from "./local-clock";
import type { Stack } from "./stack";

/** Milliseconds after the request was sent; null while unknown. */
export interface Way {
  /** The item's `updatedAt`: when the function folded the event into it, by the function's clock. */
  readonly folded: number | null;
  /** The document's update time, by the database's clock. */
  readonly written: number | null;
  /** When this page's listener had it. */
  readonly visible: number | null;
  /** What the item says; null while it is not there. */
  readonly title: string | null;
  /** When the fake FCM took the push, by its clock. */
  readonly pushed: number | null;
  /** Why there is no push: held back, refused, none is due, or it is an announcement (`everybody`); empty while it may still come. */
  readonly noPush: string;
}

export const unknownWay: Way = { folded: null, written: null, visible: null, title: null, pushed: null, noPush: "" };

interface Traced {
  readonly stack: Stack;
  readonly inbox: Inbox;
  readonly type: string;
  /** When the request was sent, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly tell: (news: Partial<Way>) => void;
  readonly idToken: () => Promise<string>;
}

/** Watches for the event's item and tells each stage as it becomes known. Gives up after a while: some events change nothing. */
export async function trace({ stack, inbox, type, startedAt, tell, idToken }: Traced): Promise<void> {
  const item = await nextNews(inbox, type);
  if (!item) return tell({ noPush: "nothing to tell" });
  const visible = Date.now() - startedAt;
  tell({ visible, title: item.title, folded: item.updatedAt - stackOffset() - startedAt });
  if (item.why === "audience:everybody") return tell({ noPush: "everybody" });
  await Promise.all([
    updateTime(stack, inbox.uid, item.id, await idToken()).then(
      time => time !== null && tell({ written: time - startedAt }),
      () => {},
    ),
    pushTime(stack, item, startedAt).then(tell),
  ]);
}

const patience = 10_000; // ms

/** The item that is new or has a new revision; null if there is none within ten seconds, as for the same like again. */
function nextNews(inbox: Inbox, type: string): Promise<Notification | null> {
  const before = new Map(inbox.getSnapshot().notifications.map(item => [item.id, item.revision]));
  return new Promise(resolve => {
    const done = (item: Notification | null) => {
      clearTimeout(timer);
      stop();
      resolve(item);
    };
    const timer = setTimeout(() => done(null), patience);
    let stop = () => {};
    stop = inbox.subscribe(({ notifications }) => {
      const news = notifications.find(item => item.type === type && before.get(item.id) !== item.revision);
      if (news) done(news);
    });
  });
}

/** When Firestore last wrote the document. Its web SDK does not say; its REST interface does, under the same rules. */
async function updateTime(stack: Stack, uid: string, id: string, token: string): Promise<number | null> {
  const { host, port } = stack.firestore;
  const path = `projects/${stack.project}/databases/(default)/documents/users/${uid}/notifications/${id}`;
  const answer = await fetch(`http://${host}:${port}/v1/${path}?mask.fieldPaths=revision`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const found: unknown = answer.ok ? await answer.json() : null;
  const time = typeof found === "object" && found !== null ? Date.parse(String(Reflect.get(found, "updateTime"))) : NaN;
  return Number.isNaN(time) ? null : time;
}

const pushPatience = 4000; // ms

async function pushTime(stack: Stack, item: Notification, startedAt: number): Promise<Partial<Way>> {
  if (item.held) return { noPush: item.held };
  const end = Date.now() + pushPatience;
  while (Date.now() < end) {
    const pushes = await readPushes(stack.fcm).catch(() => []);
    for (const { item: id, at, outcome } of pushes) {
      const took = at === null ? -1 : at - stackOffset() - startedAt;
      if (id === item.id && took > 0) return outcome ? { noPush: outcome } : { pushed: took };
    }
    await new Promise(resolve => setTimeout(resolve, 150));
  }
  return { noPush: "none due" };
}
