/** What becomes of a person's changes, as one word for the screen. */
import type { ChangeResult } from "./changes";
import type { Saving } from "./model";

export interface SavingWatch {
  /** Follows one change; answers what became of it. */
  follow(doing: Promise<ChangeResult>): Promise<ChangeResult>;
  /** Whether Firestore keeps changes that have not reached the server: also those of before a reload, and of another tab. */
  pending(pending: boolean): void;
  online(online: boolean): void;
  close(): void;
}

const stay = 4000; // ms in which "Saved" can be read
const patience = 5000; // ms; a server that has not answered by then cannot be reached, whatever the browser says of the network

export function createSaving(changed: (saving: Saving) => void): SavingWatch {
  let under = 0; // changes under way
  let kept = false;
  let isOnline = true;
  let isSlow = false;
  let last: Saving = "idle"; // what became of the latest that was answered
  let timer: ReturnType<typeof setTimeout> | undefined;

  function update() {
    const isUnderWay = under > 0 || kept;
    clearTimeout(timer);
    if (!isUnderWay) isSlow = false;
    if (isUnderWay) {
      if (!isSlow) timer = setTimeout(() => tell({ isSlow: true }), patience);
      changed(isOnline && !isSlow ? "saving" : "waiting");
      return;
    }
    if (last === "saved") timer = setTimeout(() => tell({ last: "idle" }), stay);
    changed(last);
  }

  function tell(news: { isSlow?: boolean; last?: Saving }) {
    isSlow = news.isSlow ?? isSlow;
    last = news.last ?? last;
    update();
  }

  return {
    async follow(doing) {
      under++;
      update();
      const result = await doing;
      under--;
      tell({ last: result === "stored" ? "saved" : result });
      return result;
    },
    pending(pending) {
      if (pending === kept) return;
      kept = pending;
      // A change of before a reload has arrived: nobody else tells. One that is refused says so itself, a moment later.
      if (!pending && under === 0) last = "saved";
      update();
    },
    online(online) {
      isOnline = online;
      isSlow = false;
      update();
    },
    close: () => clearTimeout(timer),
  };
}
