/** What is on a page, and what a person does there. */

export const badge = page => page.evaluate(() => document.querySelector('[data-testid="badge"]')?.textContent ?? "");

/** Unfolds search and category. */
export async function openFilters(page) {
  await page.getByTestId("search-toggle").click();
  await page.getByTestId("search").waitFor();
}

/** Opens the centre by a press on the bell and waits for it. */
export async function openCenter(page) {
  await page.getByTestId("bell").click();
  await page.getByTestId("inbox").waitFor();
}

/** The placeholders that do not fit into their inputs, with the widths of both. */
export function cutPlaceholders(page) {
  return page.locator(":is(input, textarea)[placeholder]").evaluateAll(inputs =>
    inputs.flatMap(input => {
      const [own, words] = [getComputedStyle(input), getComputedStyle(input, "::placeholder")];
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = `${words.fontStyle} ${words.fontWeight} ${words.fontSize} ${words.fontFamily}`;
      const width = Math.ceil(pen.measureText(input.placeholder).width);
      const room = input.clientWidth - Number.parseFloat(own.paddingLeft) - Number.parseFloat(own.paddingRight);
      return width > room ? [`${input.placeholder}: ${width} px of ${room}`] : [];
    }),
  );
}

/** The row whose title contains the text: the whole row's would run into its time, as in "Item 9" and "9m ago". */
export const row = (page, title) =>
  page.getByTestId("notification-title").filter({ hasText: title }).locator("xpath=ancestor::article");

export const titles = page => page.getByTestId("notification-title").allTextContents();

/** Picks an entry of a row's menu, and leaves the rows. */
export async function pick(page, title, entry) {
  await row(page, title).getByTestId("item-menu").click();
  await page.getByTestId(`menu-${entry}`).click();
  await leaveRows(page);
}

/** Takes the pointer off the rows: those that move under it swallow a press for half a second. */
export const leaveRows = page => page.mouse.move(0, 0);

/** What has the focus, in words: its test id and, for a row, its id. */
export const focused = page =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return `${element?.getAttribute("data-testid") ?? element?.tagName ?? ""} ${element?.getAttribute("data-id") ?? ""}`.trim();
  });

/** Has the page remember each state of what has these test ids, and since when. Ask with `state` and `since`. */
export function recordStates(page, testIds) {
  return page.evaluate(ids => {
    const text = id => [...document.querySelectorAll(`[data-testid="${id}"]`)].map(one => one.textContent);
    const look = () => {
      const state = JSON.stringify([...ids.map(text), document.querySelectorAll(".td-item[data-unread]").length]);
      if (window.states.at(-1)?.state !== state) window.states.push({ at: Date.now(), state });
    };
    window.states = [];
    look();
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  }, testIds);
}

export const state = page => page.evaluate(() => window.states.at(-1).state);

/** When the page came to be as it is now, by the clock that all pages on this machine share. */
export const since = page => page.evaluate(() => window.states.at(-1).at);
