/** Pushes on this machine, without Google: addresses that the fake FCM takes, and its messages handed to the worker. */
import { postToWorker, type Registration, type TokenSource } from "../src/push";

/** Addresses that say whose they are: several people may have a window of this browser each, and each gets their own pushes. */
export const localTokens: TokenSource = {
  shared: false,
  take: async (_, uid) => tokenOf(uid),
  drop: async () => {},
};

function tokenOf(uid: string): string {
  const known = localStorage.getItem("demo.browser") ?? crypto.randomUUID().slice(0, 8);
  localStorage.setItem("demo.browser", known);
  return `${uid}-browser-${known}`;
}

/**
 * Takes the part of the browser's push service, for as long as the page is open: what the fake FCM at `base` has for the
 * person reaches the worker as a push would. Answers the function that ends it.
 */
export function receivePushes(base: string, uid: string, registration: Registration): () => void {
  const stream = new EventSource(`${base}/messages/stream?target=${encodeURIComponent(tokenOf(uid))}`);
  stream.onmessage = ({ data }: MessageEvent<string>) =>
    void postToWorker(registration, { tidings: "push", uid, payload: JSON.parse(data) });
  return () => stream.close();
}
