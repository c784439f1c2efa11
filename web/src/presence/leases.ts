import type { FirebaseApp } from "firebase/app";
import type { Clock } from "../core/clock";
import type { InboxUser } from "../core/connection";
import type { Path } from "./documents";
import { createLease, type Lease, leaseTime } from "./lease";
import { loadDocuments } from "./load";

export interface LeasesParts {
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  /** The ends of the leases go by it: the functions and the others compare them with their own time. */
  readonly clock: Clock;
}

/** The leases of one page: one for the functions, and one that others see where the person is in an audience. */
export interface Leases {
  /** `target` is for the functions only, `typing` for the others. */
  hold(target: string | null, typing: boolean): void;
  release(): void;
  renew(): void;
  /** Writes the one that others see anew. */
  renewShared(): void;
  close(): void;
}

export function createLeases(parts: LeasesParts, session: Path, shared: Path | null): Leases {
  const own = leaseAt<string | null>(parts, session, target => ({ target, visible: true }));
  const others = shared && leaseAt<boolean>(parts, shared, typing => ({ typing }));
  return {
    hold(target, typing) {
      own.hold(target);
      others?.hold(typing);
    },
    release() {
      own.release();
      others?.release();
    },
    renew() {
      own.renew();
      others?.renew();
    },
    renewShared: () => others?.renew(),
    close() {
      own.close();
      others?.close();
    },
  };
}

/** A lease that is the document at `path`, with `fields` of what is claimed. */
function leaseAt<T extends string | boolean | null>(
  { app, user, clock }: LeasesParts,
  path: Path,
  fields: (claim: T) => Record<string, unknown>,
): Lease<T> {
  let idToken = ""; // for a page that closes: by then there is no time to ask
  return createLease<T>({
    async write(claim) {
      idToken = await user.getIdToken();
      const documents = await loadDocuments();
      await documents.put(app, path, clock.now() + leaseTime, fields(claim));
    },
    remove: async () => (await loadDocuments()).remove(app, path, idToken),
  });
}
