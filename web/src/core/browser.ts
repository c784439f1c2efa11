/** What the core asks of the browser. Where there is none (rendering on a server), there is a network and no paint. */

/** Tells at once and at every change whether the browser believes that there is a network. */
export function watchOnline(listener: (online: boolean) => void): () => void {
  if (typeof window === "undefined") {
    listener(true);
    return () => {};
  }
  const tell = () => listener(navigator.onLine);
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();
  return () => {
    window.removeEventListener("online", tell);
    window.removeEventListener("offline", tell);
  };
}

const patience = 500; // ms; a covered page paints late or never, and its badge is wanted nevertheless

/** Resolves once the page has painted. */
export function afterFirstPaint(): Promise<void> {
  if (typeof window === "undefined" || document.hidden) return Promise.resolve();
  return new Promise(resolve => {
    const timer = setTimeout(resolve, patience);
    // The frame callback runs before the paint, a task queued in it runs after.
    requestAnimationFrame(() => setTimeout(() => resolve(clearTimeout(timer)), 0));
  });
}
