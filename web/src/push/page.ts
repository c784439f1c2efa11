/** The page's end of the line to the service worker. */
import { countUnread } from "../core/arrange";
import type { Inbox } from "../core/inbox";
import type { KeptClick, ToPage, ToWorker } from "./messages";

export type Registration = Promise<ServiceWorkerRegistration | null>;

/** Posts to the worker as soon as it runs; to nobody where there is none. */
export async function postToWorker(registration: Registration, message: ToWorker): Promise<void> {
  const found = await registration.catch(() => null);
  // A worker takes messages from the moment on that it is installed.
  (found?.active ?? found?.waiting ?? found?.installing)?.postMessage(message);
}

/**
 * Says whose page this is, keeps the worker's badge right, and carries out what was pressed while there was no page. Returns
 * the function that ends it.
 */
export function introduce(inbox: Inbox, registration: Registration): () => void {
  const { uid } = inbox;
  const container = typeof navigator === "undefined" ? undefined : navigator.serviceWorker;
  const sayWhose = () => void postToWorker(registration, { tidings: "page", uid });
  let kept: readonly KeptClick[] = [];
  let counted = "";

  function look() {
    const { notifications, connectionStatus, loaded } = inbox.getSnapshot();
    if (!loaded) return;
    const ids = notifications.filter(item => countUnread([item]) > 0).map(({ id }) => id);
    if (ids.join() !== counted) {
      counted = ids.join();
      void postToWorker(registration, { tidings: "unread", uid, ids });
    }
    // What the server does not list any more was dealt with elsewhere.
    const connected = connectionStatus === "connected";
    const due = kept.filter(({ id }) => connected || notifications.some(item => item.id === id));
    if (due.length === 0) return;
    kept = kept.filter(one => !due.includes(one));
    void carryOut(due);
  }

  async function carryOut(clicks: readonly KeptClick[]) {
    await Promise.all(clicks.map(({ id, action }) => done(id, action).catch(() => {})));
    await postToWorker(registration, { tidings: "done", uid, clicks });
  }

  function done(id: string, action: string) {
    const item = inbox.getSnapshot().notifications.find(one => one.id === id);
    return item?.actions.some(one => one.id === action) ? inbox.act(id, action) : inbox.markOpened(id);
  }

  const received = ({ data }: MessageEvent<ToPage>) => {
    if (data?.tidings !== "kept") return;
    kept = data.clicks;
    look();
  };
  container?.addEventListener("message", received);
  container?.addEventListener("controllerchange", sayWhose); // the next worker does not know
  sayWhose();
  const stop = inbox.subscribe(look);
  return () => {
    stop();
    container?.removeEventListener("message", received);
    container?.removeEventListener("controllerchange", sayWhose);
  };
}
