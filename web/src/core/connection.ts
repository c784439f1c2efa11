import { retryDelay } from "./backoff";
import { describeError, type InboxError, type Page } from "./page";

/** The part of Firebase Auth's `User` that an inbox needs. */
export interface InboxUser {
  readonly uid: string;
  getIdToken(forceRefresh?: boolean): Promise<string>;
}

/** What a listener brings: a page of a list, or the one document of the profile. */
type Answer = Pick<Page, "fromCache"> & { readonly items: readonly unknown[] };

export interface ConnectionObserver<P extends Answer> {
  /** What the page holds; from the cache, or from the server. */
  page(page: P): void;
  /** It cannot listen, or nobody answers. The connection goes on trying; `page` says when that has helped. */
  trouble(error: InboxError): void;
}

/** One listener that is kept alive until it is closed. */
export interface Connection {
  /** Tries again now instead of when the back-off ends. */
  retry(): void;
  close(): void;
}

const patience = 10_000; // ms; after that a page without a single answer is trouble
const unanswered: InboxError = { code: "unavailable", message: "Firestore has not answered." };

/**
 * Listens to one page. A listener that is refused is over for Firestore, and mostly because the token expired while the
 * device slept: so the token is renewed, and a new listener follows after a back-off that ends with the first answer of
 * the server. A network that comes and goes is Firestore's own business, and `health.ts`'s.
 */
export function keepListening<P extends Answer = Page>(
  user: InboxUser,
  load: () => Promise<(observer: { page(page: P): void; failed(error: InboxError): void }) => () => void>,
  observer: ConnectionObserver<P>,
): Connection {
  let current = 0; // which try is the current one; what comes from an earlier one is ignored
  let refusals = 0;
  let stop = () => {};
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let patienceTimer: ReturnType<typeof setTimeout> | undefined;

  function end() {
    current++;
    clearTimeout(retryTimer);
    clearTimeout(patienceTimer);
    stop();
    stop = () => {};
  }

  async function failed(error: InboxError, mine: number) {
    if (mine !== current) return;
    clearTimeout(patienceTimer);
    stop = () => {}; // Firestore has ended it
    const delay = retryDelay(refusals++, Math.random());
    observer.trouble(error);
    // If it cannot be renewed, waiting is all that is left.
    if (isRefusal(error)) await user.getIdToken(true).catch(() => {});
    if (mine === current) retryTimer = setTimeout(begin, delay);
  }

  async function begin() {
    end();
    const mine = current;
    patienceTimer = setTimeout(() => observer.trouble(unanswered), patience);
    try {
      const listen = await load();
      if (mine !== current) return;
      stop = listen({
        page(page) {
          if (mine !== current) return;
          if (!page.fromCache) refusals = 0;
          // An empty cache is no answer: it may never have been filled.
          if (!page.fromCache || page.items.length > 0) clearTimeout(patienceTimer);
          observer.page(page);
        },
        failed: error => void failed(error, mine),
      });
    } catch (error) {
      await failed(describeError(error), mine);
    }
  }

  void begin();
  return { retry: () => void begin(), close: end };
}

function isRefusal({ code }: InboxError): boolean {
  return code === "permission-denied" || code === "unauthenticated";
}
