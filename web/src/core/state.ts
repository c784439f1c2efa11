import { nextChange } from "./arrange";
import type { Clock } from "./clock";
import { derive, type InboxSnapshot, type Knowledge, knowsNothing } from "./snapshot";
import { createStore, type Readable } from "./store";

export interface State extends Readable<InboxSnapshot> {
  knowledge(): Knowledge;
  /** Adds to the knowledge, and shows what follows from it. */
  learn(gained: Partial<Knowledge>): void;
  close(): void;
}

const longestTimer = 2 ** 31 - 1; // ms; a longer one would fire at once

/**
 * What the inbox knows, and what it shows of that at the present time. `timePassed` is called when time alone has changed
 * what it shows: a snooze ended, an item expired, or the clock jumped.
 */
export function createState(clock: Clock, timePassed: () => void): State {
  const store = createStore<InboxSnapshot>(derive(knowsNothing, clock.now(), null));
  let knowledge = knowsNothing;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function learn(gained: Partial<Knowledge>) {
    if (closed) return;
    knowledge = { ...knowledge, ...gained };
    const now = clock.now();
    store.set(derive(knowledge, now, store.getSnapshot()));
    clearTimeout(timer);
    const next = nextChange(knowledge.held.values(), now);
    if (next !== null) timer = setTimeout(recheck, Math.min(next - now, longestTimer));
  }

  function recheck() {
    learn({});
    timePassed();
  }

  const stopClock = clock.onJump(recheck);
  return {
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    knowledge: () => knowledge,
    learn,
    close() {
      closed = true;
      stopClock();
      clearTimeout(timer);
      store.close();
    },
  };
}
