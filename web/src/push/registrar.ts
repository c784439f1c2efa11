import type { FirebaseApp } from "firebase/app";
import type { Inbox } from "../core/inbox";
import { loadOnce } from "../core/load-once";
import type { TokenSource } from "./fcm";
import { postToWorker, type Registration } from "./page";
import { addressOwner, installationId, setAddressOwner } from "./this-browser";

const loadDevices = loadOnce(() => import("./devices"));

export interface RegistrarParts {
  readonly app: FirebaseApp;
  readonly inbox: Inbox;
  /** The registration of the worker; null where there is none. */
  readonly registration: Registration;
  readonly source: TokenSource;
  /** What pushes are written in, as BCP 47; the browser's language unless given. */
  readonly locale: string | undefined;
}

/** Adds this browser to the person's devices, and removes it. */
export interface Registrar {
  /**
   * Takes an address, gives it to the worker's person, and stores the device. Resolves to false where the browser cannot do
   * that. Rejects if it could not be done now. Ends early once `isClosed` says so.
   */
  register(isClosed: () => boolean): Promise<boolean>;
  /** Deletes the device, and gives the address up. Never rejects. */
  deregister(): Promise<void>;
}

export function createRegistrar({ app, inbox, registration, source, locale }: RegistrarParts): Registrar {
  const { uid } = inbox;
  const findWorker = () => registration.catch(() => null);

  /** Whoever was signed in here before: what is still sent to their address must not show. */
  async function takeAddressOver(worker: ServiceWorkerRegistration) {
    await postToWorker(registration, { tidings: "guard", uid });
    if (addressOwner() !== null) await source.drop(worker, uid);
  }

  async function deleteDevice() {
    const installation = installationId();
    if (installation === null) return;
    await loaded(inbox);
    await (await loadDevices()).deregister(app, uid, installation);
  }

  async function giveAddressUp() {
    const worker = await findWorker();
    if (!worker || addressOwner() !== uid) return;
    await source.drop(worker, uid);
    setAddressOwner(null);
  }

  return {
    async register(isClosed) {
      const installation = installationId();
      const worker = await findWorker();
      if (!worker || installation === null) return false;
      if (source.shared && addressOwner() !== uid) await takeAddressOver(worker);
      const token = await source.take(worker, uid);
      if (isClosed()) return true;
      setAddressOwner(uid);
      await postToWorker(registration, { tidings: "own", uid, alone: source.shared });
      await loaded(inbox); // Firestore is the inbox's to set up
      const devices = await loadDevices();
      await devices.register(app, { uid, id: installation, token, locale: locale ?? navigator.language });
      return true;
    },
    async deregister() {
      await Promise.allSettled([deleteDevice(), giveAddressUp()]);
    },
  };
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
