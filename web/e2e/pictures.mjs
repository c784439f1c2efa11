/** Pictures put together in a page, and taken again. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

// How many stand side by side, and how many rows a sheet has: what is on it can be read without a magnifying glass.
const shapes = { narrow: { columns: 8, rows: 3 }, zoom: { columns: 4, rows: 5 }, insight: { columns: 4, rows: 1 } };
const wide = { columns: 2, rows: 3 };

/**
 * The pictures `names` of a look on sheets, `sheet-LOOK-1.png` and so on. With the folder `old` each has on its left how it was there.
 * Where there is no old one its place says so: a new state, or one that could not be reached then.
 */
export async function sheets(browser, { folder, old, look, names }) {
  const { columns, rows } = shapes[look.split("-")[0]] ?? wide;
  const one = (where, name, when) => figure(join(where, `${name}-${look}.png`), `${name}, ${when}`);
  const figures = names.flatMap(name => [...(old ? [one(old, name, "before")] : []), one(folder, name, "now")]);
  const size = columns * rows;
  for (let at = 0; at < figures.length; at += size) {
    const path = join(folder, `sheet-${look}-${at / size + 1}.png`);
    await take(browser, figures.slice(at, at + size), columns, path);
    console.log(`sheet ${path}`);
  }
}

function figure(file, caption) {
  if (!existsSync(file)) return `<figure><figcaption>${caption}: none</figcaption></figure>`;
  const picture = readFileSync(file).toString("base64");
  return `<figure><figcaption>${caption}</figcaption><img src="data:image/png;base64,${picture}"></figure>`;
}

async function take(browser, figures, columns, path) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 400 } });
  await page.setContent(`<style>body { display: grid; gap: 8px; margin: 8px; font: 14px sans-serif;
    grid-template-columns: repeat(${columns}, 1fr) } figure { margin: 0 }
    img { max-width: 100%; outline: 1px solid #888 }</style>${figures.join("")}`);
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
