/** @packageDocumentation Pushes in the browser: registering it, and the page's part beside the service worker. */
export { type FcmOptions, fcmTokens, type TokenSource } from "./fcm";
export { postToWorker, type Registration } from "./page";
export { openPush, type Push, type PushOptions, type PushSnapshot } from "./push";
