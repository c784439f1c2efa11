/** Replaces a connection that died unnoticed, and a Firestore that has ended itself. */
import type { Database } from "./database";

export interface Health {
  /** The server has spoken. */
  confirm(): void;
  /** Somebody looks: a connection that died unnoticed is replaced now. */
  wake(): void;
  close(): void;
}

export interface HealthParts {
  readonly database: Database;
  /** Whether it is worth asking: there is a network, and the inbox has been shown once. */
  readonly ready: () => boolean;
  /** Nobody sees the page: it can wait. */
  readonly isHidden: () => boolean;
  /** Firestore was replaced: all listeners begin anew. */
  readonly restart: () => void;
  /** Firestore ends itself again and again: only a new page helps. */
  readonly hopeless: () => void;
}

const healthy = 5000; // ms; a connection that has spoken so recently needs no waking
const beat = 5000; // ms
const mostRestarts = 3; // within `span`
const span = 120_000; // ms

export function watchHealth({ database, ready, isHidden, restart, hopeless }: HealthParts): Health {
  let closed = false;
  let checking = false;
  let confirmedAt = Date.now(); // the last word of the server, or the last try to make it speak
  let restarts: number[] = [];
  const timer = setInterval(() => void check(), beat);

  /** Asks this machine only. */
  async function check() {
    if (checking || closed || !ready() || isHidden()) return;
    checking = true;
    try {
      if ((await database.hasEnded()) && !closed) await replace();
    } catch {
      // Firestore could not be loaded: nothing has ended.
    } finally {
      checking = false;
    }
  }

  async function replace() {
    restarts = [...restarts.filter(at => Date.now() - at < span), Date.now()];
    if (restarts.length > mostRestarts) return hopeless();
    await database.replace();
    if (!closed) restart();
  }

  async function wake() {
    const now = Date.now();
    // Without a network there is nothing to wake, and Firestore notices itself when there is one again.
    if (closed || !ready() || now - confirmedAt < healthy) return;
    confirmedAt = now;
    if (!(await database.wake()) && !closed) await check();
  }

  return {
    confirm() {
      confirmedAt = Date.now();
    },
    wake: () => void wake().catch(() => {}),
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
