import type { FirebaseApp } from "firebase/app";
import type { Clock } from "../core/clock";
import type { InboxUser } from "../core/connection";
import type { Path } from "./documents";
import { createLease, leaseTime } from "./lease";
import { loadDocuments } from "./load";

export interface LeasesParts {
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  /** The ends of the leases go by it: the functions and the others compare them with their own time. */
  readonly clock: Clock;
  /** What the person did lately, at a time. */
  readonly deeds: (now: number) => readonly string[];
}

/** The leases of one page: one for the functions, and one that others see where the person is in an audience. */
export interface Leases {
  /** `target` is for the functions only, `typing` for the others. `anew` writes both also where they are as before. */
  hold(target: string | null, typing: boolean, anew: boolean): void;
  release(): void;
  /** Writes the one that others see anew. */
  renewShared(): void;
  close(): void;
}

export function createLeases({ app, user, clock, deeds }: LeasesParts, id: string, shared: Path | null): Leases {
  let idToken = ""; // for a page that closes: by then there is no time to ask
  const fresh = async () => {
    idToken = await user.getIdToken();
    return loadDocuments();
  };
  const page = () => ({ app, uid: user.uid, id, idToken });
  let said = ""; // the deeds that this page has written last
  /** What has not changed since is not written. */
  async function withDeeds(write: (latest: readonly string[]) => Promise<void>) {
    const latest = deeds(clock.now());
    const text = latest.join();
    await write(text === said ? [] : latest);
    said = text;
  }
  const own = createLease<string | null>({
    async write(target) {
      const { hold } = await fresh();
      await withDeeds(latest => hold(page(), clock.now(), clock.now() + leaseTime, target, latest));
    },
    async remove() {
      const { giveBack } = await loadDocuments();
      await withDeeds(latest => giveBack(page(), latest));
    },
  });
  const others =
    shared &&
    createLease<boolean>({
      write: async typing => (await fresh()).put(app, shared, clock.now() + leaseTime, typing),
      remove: async () => (await loadDocuments()).remove(app, shared, idToken),
    });
  return {
    hold(target, typing, anew) {
      own.hold(target, anew);
      others?.hold(typing, anew);
    },
    release() {
      own.release();
      others?.release();
    },
    renewShared: () => others?.renew(),
    close() {
      own.close();
      others?.close();
    },
  };
}
