/** Pictures put together in a page, and taken again. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** All pictures of a look on one sheet. */
export async function sheet(browser, folder, look, names) {
  const columns = look.startsWith("narrow") ? 7 : 4;
  const figures = names.map(name => figure(join(folder, `${name}-${look}.png`), name));
  await take(browser, { figures, columns, width: 1600 }, join(folder, `sheet-${look}.png`));
}

/**
 * The picture `name` as it was in the folder `old` on the left, as it is in `folder` on the right: `pair-NAME.png`. Where there is no
 * old one the left stays empty: a new state, or one that could not be reached then.
 */
export async function pair(browser, old, folder, name) {
  const before = join(old, `${name}.png`);
  const figures = [
    existsSync(before) ? figure(before, `${name}, before`) : "<p>not there before</p>",
    figure(join(folder, `${name}.png`), `${name}, now`),
  ];
  await take(browser, { figures, columns: 2, width: 2000 }, join(folder, `pair-${name}.png`));
}

function figure(file, caption) {
  const picture = readFileSync(file).toString("base64");
  return `<figure><img src="data:image/png;base64,${picture}"><figcaption>${caption}</figcaption></figure>`;
}

async function take(browser, { figures, columns, width }, path) {
  const page = await browser.newPage({ viewport: { width, height: 400 } });
  await page.setContent(`<style>body { display: grid; gap: 8px; margin: 8px; font: 14px sans-serif;
    grid-template-columns: repeat(${columns}, 1fr) } figure { margin: 0 }
    img { max-width: 100%; outline: 1px solid #888 }</style>${figures.join("")}`);
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
