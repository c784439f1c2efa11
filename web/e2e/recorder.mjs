/**
 * What the page itself sees, and when, by its own clock: every answer to a posted event, and every state of the screen.
 * It watches the network and the DOM from outside the app, so that the app cannot flatter itself.
 */

/** Runs in the page before any of its scripts. Fills `window.recorded` with {accepted: [...], states: [...]}. */
export function installRecorder() {
  const recorded = { accepted: [], states: [] };
  Object.assign(window, { recorded });

  const realFetch = window.fetch;
  window.fetch = async (...request) => {
    const response = await realFetch(...request);
    const address = typeof request[0] === "string" ? request[0] : request[0].url;
    if (address.endsWith("/v1/events")) recorded.accepted.push({ at: performance.now(), status: response.status });
    return response;
  };

  const look = () => {
    const state = {};
    for (const screen of document.querySelectorAll('[data-testid^="screen-"][aria-label]')) {
      const items = [...screen.querySelectorAll('[data-testid="notification"]')].map(item => ({
        id: item.dataset.id,
        type: item.dataset.type,
        target: item.dataset.target,
        title: item.querySelector('[data-testid="notification-title"]')?.textContent ?? "",
        unread: item.dataset.unread !== undefined,
      }));
      state[screen.dataset.testid.slice("screen-".length)] = {
        badge: screen.querySelector('[data-testid="badge"]')?.textContent ?? "",
        bell: screen.querySelector('[data-testid="bell"]')?.getAttribute("aria-label") ?? "",
        items,
      };
    }
    const last = recorded.states.at(-1);
    if (last && JSON.stringify(last.state) === JSON.stringify(state)) return;
    recorded.states.push({ at: performance.now(), state });
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  });
}

/** The newest state of a person's screen, or undefined. */
export function latestState(page, uid) {
  return page.evaluate(who => window.recorded.states.at(-1)?.state[who], uid);
}

/** All states of a person's screen since `from` (milliseconds of the page's clock). */
export function statesSince(page, uid, from) {
  return page.evaluate(
    ([who, start]) =>
      window.recorded.states
        .filter(({ at, state }) => at >= start && state[who])
        .map(({ at, state }) => ({ at, ...state[who] })),
    [uid, from],
  );
}

/** The page's clock, in milliseconds. */
export function pageTime(page) {
  return page.evaluate(() => performance.now());
}

/** The answers to posted events so far: [{at, status}]. */
export function acceptedSoFar(page) {
  return page.evaluate(() => window.recorded.accepted);
}
