/** Where a browser gets the address that pushes are sent to. */
import type { FirebaseApp } from "firebase/app";
import { loadOnce } from "../core/load-once";

export interface TokenSource {
  /** Whether all people of this browser have the same address, as with FCM: pushes are then for one of them only. */
  readonly shared: boolean;
  /** The address of this browser for the person. It may ask the network. Rejects if there is none to be had. */
  take(registration: ServiceWorkerRegistration, uid: string): Promise<string>;
  /** Gives the address up: what is still sent to it does not arrive. */
  drop(registration: ServiceWorkerRegistration, uid: string): Promise<void>;
}

export interface FcmOptions {
  /** The public key of the project's "Web Push certificates": Firebase console, project settings, Cloud Messaging. */
  readonly vapidKey: string;
}

/** FCM's registration tokens. Its SDK (8 kB) is loaded when the first token is wanted. */
export function fcmTokens(app: FirebaseApp, { vapidKey }: FcmOptions): TokenSource {
  const load = loadOnce(() => import("firebase/messaging"));
  return {
    shared: true,
    async take(registration) {
      const { getMessaging, getToken } = await load();
      return getToken(getMessaging(app), { vapidKey, serviceWorkerRegistration: registration });
    },
    async drop() {
      const { deleteToken, getMessaging } = await load();
      await deleteToken(getMessaging(app));
    },
  };
}
