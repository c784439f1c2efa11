/** A page of a browser, as an inbox's {@link Environment}. */
import { type Environment, nowhere } from "./environment";

const beat = 5000; // ms
const asleep = 90_000; // ms; browsers let the timers of a hidden page run once a minute
const paintPatience = 500; // ms; a covered page paints late or never, and its badge is wanted nevertheless

const page: Environment = {
  watchOnline(listener) {
    const changed = () => listener(navigator.onLine);
    changed();
    return on(window, { online: changed, offline: changed });
  },

  watchVisible(listener) {
    const changed = () => listener(!document.hidden);
    const looked = () => document.hidden || listener(true);
    let last = Date.now();
    const timer = setInterval(() => {
      const gap = Date.now() - last;
      last = Date.now();
      if (gap > asleep) looked(); // the machine slept, and its timers with it
    }, beat);
    if (document.hidden) listener(false);
    const stops = [
      on(document, { visibilitychange: changed, resume: looked }), // resume: a page that the browser had frozen
      on(window, { focus: looked, pageshow: looked }),
    ];
    return () => {
      clearInterval(timer);
      for (const stop of stops) stop();
    };
  },

  async painted() {
    if (document.hidden) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, paintPatience);
      // The frame callback runs before the paint, a task queued in it runs after.
      requestAnimationFrame(() => setTimeout(() => resolve(clearTimeout(timer)), 0));
    });
  },

  joinPages(name, receive) {
    if (typeof BroadcastChannel === "undefined") return nowhere.joinPages(name, receive);
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => receive(data);
    return { post: message => channel.postMessage(message), close: () => channel.close() };
  },
};

/** The environment of this page; without a page, as on a server, there is nothing to ask. */
export const here: Environment = typeof document === "undefined" ? nowhere : page;

/** Adds the listeners, by the events' names. Returns the function that removes them. */
function on(target: EventTarget, listeners: Readonly<Record<string, () => void>>): () => void {
  for (const [event, listener] of Object.entries(listeners)) target.addEventListener(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) target.removeEventListener(event, listener);
  };
}
