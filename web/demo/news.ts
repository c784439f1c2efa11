import type { Inbox } from "../src/core";

const patience = 10_000; // ms

/**
 * When (`performance.now()`) the inbox first held an item of this type that is new or has a new revision; null if that
 * does not happen within ten seconds, as when someone likes the same post again.
 */
export function nextNews(inbox: Inbox, type: string): Promise<number | null> {
  const before = new Map(inbox.getSnapshot().notifications.map(item => [item.id, item.revision]));
  const size = before.size;
  return new Promise(resolve => {
    const done = (at: number | null) => {
      clearTimeout(timer);
      stop();
      resolve(at);
    };
    const timer = setTimeout(() => done(null), patience);
    let stop = () => {};
    stop = inbox.subscribe(({ notifications }) => {
      const isNews = notifications.some(item => item.type === type && before.get(item.id) !== item.revision);
      if (isNews || notifications.length < size) done(performance.now());
    });
  });
}
