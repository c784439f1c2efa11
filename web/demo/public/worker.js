// The demo's service worker: tells the page which of its notifications was pressed, and which button of it. With a worker,
// notifications have buttons, and phones show them too.
self.addEventListener("notificationclick", event => {
  event.notification.close();
  event.waitUntil(tell(event.notification, event.action));
});

async function tell({ tag, data }, action) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Several people may have a window of this browser each.
  const page = pages.find(({ url }) => url === data.page);
  if (!page) return self.clients.openWindow(data.url ?? data.page);
  page.postMessage({ tidings: "click", id: tag, action });
  return page.focus().catch(() => null); // some browsers let nobody take the focus
}
