/**
 * One person's profile in a fake Firestore, for several tabs of one browser: what they write shows in all of them at once, waits
 * while there is no network, and is decided by the server when the test calls `settle`. A refused change springs back.
 */
import { ahead } from "../core/preferences/ahead";
import type { ProfileChange } from "../core/preferences/model";
import type { ProfileObserver, ProfileSource } from "../core/preferences/profile";

type Data = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly change: ProfileChange;
  decided(result: "stored" | "refused"): void;
  failed(error: Error): void;
}

export class Drawer {
  /** What is stored; null where nothing was said yet. */
  stored: Data | null = null;
  /** How many listeners there are. */
  listeners = 0;
  readonly written: ProfileChange[] = [];
  readonly #observers = new Set<ProfileObserver>();
  #waiting: readonly Waiting[] = [];
  #online = true;

  readonly source: ProfileSource = {
    listen: async () => observer => {
      this.listeners++;
      this.#observers.add(observer);
      this.#show();
      return () => {
        this.listeners--;
        this.#observers.delete(observer);
      };
    },
    write: change =>
      new Promise((decided, failed) => {
        this.written.push(change);
        this.#waiting = [...this.#waiting, { change, decided, failed }];
        this.#show();
      }),
  };

  /** Another device, or the product's server, writes. */
  put(data: Data | null) {
    this.stored = data;
    this.#show();
  }

  setOnline(online: boolean) {
    this.#online = online;
    this.#show();
  }

  /** The server decides what has reached it; "failed" is a fault. */
  settle(verdict: "stored" | "refused" | "failed" = "stored") {
    if (!this.#online) return;
    const decided = this.#waiting;
    this.#waiting = [];
    for (const { change } of decided) if (verdict === "stored") this.stored = ahead(this.stored, change);
    this.#show();
    for (const one of decided) {
      if (verdict === "failed") one.failed(new Error("the server is out of order"));
      else one.decided(verdict);
    }
  }

  #show() {
    const data = this.#waiting.reduce<Data | null>((now, { change }) => ahead(now, change), this.stored);
    const items = data ? [{ data, pending: this.#waiting.length > 0 }] : [];
    for (const observer of this.#observers) observer.page({ items, fromCache: !this.#online });
  }
}
