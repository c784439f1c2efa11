/**
 * The package's service worker as the browser tests see it. Nobody can press what the system shows, so the press is the event
 * that it would be.
 */
import { until } from "./kit.mjs";

/**
 * Follows the worker of a browser context from now on. Ask for what is on the screen only when the worker is through with
 * showing: asked again and again meanwhile, Chromium sometimes forgets for good what is just on its way there.
 */
export async function followWorker(context) {
  const worker = await until("the service worker", () => context.serviceWorkers()[0]);
  await worker.evaluate(note);
  const heard = name => worker.evaluate(one => self.heard.filter(event => event === one).length, name);

  return {
    /** How many events of that name the worker is through with: `push`, `message show <item>`, `notificationclick`. */
    heard,

    /** How often it has shown anything. */
    shows: () => worker.evaluate(() => self.shows),

    /** The numbers that the app's icon has had. */
    badges: () => worker.evaluate(() => self.badges),

    /** What is on the screen, as the browser has it. */
    listed: () =>
      worker.evaluate(async () =>
        (await self.registration.getNotifications()).map(({ title, body, tag, requireInteraction, actions, data }) => ({
          title,
          body,
          tag,
          requireInteraction,
          actions: actions.map(action => action.title),
          links: Object.values(data.links).join(),
        })),
      ),

    /** Presses a notification, or a button of it, and waits until the worker is through with that. */
    async press(tag, action) {
      const before = await heard("notificationclick");
      await worker.evaluate(
        async pressed => {
          const [notification] = await self.registration.getNotifications({ tag: pressed.tag });
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action: pressed.action }));
        },
        { tag, action },
      );
      await until("the worker has dealt with the press", async () => (await heard("notificationclick")) > before);
    },

    /** Closes a notification as the person does. */
    async dismiss(tag) {
      const before = await heard("notificationclose");
      await worker.evaluate(async of => {
        const [notification] = await self.registration.getNotifications({ tag: of });
        self.dispatchEvent(new NotificationEvent("notificationclose", { notification }));
        notification.close(); // by code, of which no worker hears
      }, tag);
      await until("the worker has dealt with it", async () => (await heard("notificationclose")) > before);
    },

    /** Takes everything from the screen. */
    clear: () =>
      worker.evaluate(async () => {
        for (const one of await self.registration.getNotifications()) one.close();
      }),

    /** Takes every page for hidden: see `look` in kit.mjs. */
    hide: () =>
      worker.evaluate(() =>
        Object.defineProperty(WindowClient.prototype, "visibilityState", { configurable: true, get: () => "hidden" }),
      ),
  };
}

/** Runs in the worker. Everything goes on to the browser but for the badge, which headless Chromium does not have. */
function note() {
  Object.assign(self, { shows: 0, heard: [], badges: [] });
  const show = ServiceWorkerRegistration.prototype.showNotification;
  ServiceWorkerRegistration.prototype.showNotification = function (...given) {
    self.shows++;
    return show.apply(this, given);
  };
  const wait = ExtendableEvent.prototype.waitUntil;
  ExtendableEvent.prototype.waitUntil = function (promise) {
    const { tidings, item, payload } = this.data ?? {};
    const name = [this.type, tidings, item?.id ?? payload?.data?.id].filter(Boolean).join(" ");
    const over = () => self.heard.push(name);
    promise.then(over, over);
    return wait.call(this, promise);
  };
  self.navigator.setAppBadge = async number => void self.badges.push(number);
  self.navigator.clearAppBadge = async () => void self.badges.push(0);
}
