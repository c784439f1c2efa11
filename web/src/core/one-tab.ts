const courtesy = 300; // ms; a tab that somebody looks at goes first
const grace = 2000; // ms; the other tabs get the same item within that

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Runs `alert` in one of the tabs that call this at about the same time: in one that can be seen, if there is one. */
export async function inOneTab(name: string, alert: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return alert();
  if (document.hidden) await wait(courtesy);
  await navigator.locks.request(name, { ifAvailable: true }, async lock => {
    if (!lock) return;
    await alert();
    await wait(grace);
  });
}
