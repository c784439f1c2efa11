/** The contrast of text that axe cannot tell: computed from the pixels behind it. */
import { until } from "./assertions.mjs";

/**
 * Answers what is wrong with the elements, given by selectors: text whose contrast with any colour behind it is below WCAG's
 * 4.5, or 3 where it is large. Of the pixels behind an element those count that are more than a hundredth.
 */
export async function poorContrast(page, selectors) {
  // In forced colours they are the person's own, of text and ground alike.
  const forced = await page.evaluate(() => matchMedia("(forced-colors: active)").matches);
  if (forced || selectors.length === 0) return [];
  // A page that was resized may still move its rows while the picture is taken.
  return until("the page holds still", async () => {
    const texts = await page.evaluate(readTexts, selectors);
    const picture = await withoutText(page);
    const after = await page.evaluate(readTexts, selectors);
    const places = all => JSON.stringify(all.map(({ x, y, width, height }) => [x, y, width, height]));
    return places(texts) === places(after) && page.evaluate(judge, { texts, picture: picture.toString("base64") });
  });
}

/** A picture of the page without its letters. */
async function withoutText(page) {
  // Not addStyleTag: that fails if the page's policy refuses anything at all meanwhile, such as a picture by which Firestore
  // asks whether there is a network.
  const setHidden = (css, on) => {
    if (!window.hiding) {
      window.hiding = new CSSStyleSheet();
      window.hiding.replaceSync(css);
    }
    const others = document.adoptedStyleSheets.filter(sheet => sheet !== window.hiding);
    document.adoptedStyleSheets = on ? [...others, window.hiding] : others;
  };
  await page.evaluate(`(${setHidden})(${JSON.stringify(hide)}, true)`);
  const picture = await page.screenshot({ animations: "disabled" });
  await page.evaluate(`(${setHidden})(${JSON.stringify(hide)}, false)`);
  return picture;
}

// The sign on an avatar's corner touches the box of its initials, and none of their letters.
const hide =
  "*, *::before { color: transparent !important; caret-color: transparent } .td-corner { visibility: hidden }";

/** Runs in the page. The texts that are in sight, with their colour and place. */
function readTexts(selectors) {
  const all = selectors.flatMap(selector => [...document.querySelectorAll(selector)]);
  // Initials that another avatar lies upon are meant to be half hidden: the title names the person.
  const shown = all.filter(element => !element.matches("[data-stacked] > :first-child"));
  const textsOf = element =>
    [...element.childNodes].filter(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim() !== "");
  const boxOf = text => {
    const range = document.createRange();
    range.selectNodeContents(text);
    return range.getBoundingClientRect();
  };
  // What a list has scrolled out of sight is not seen, whatever lies there.
  const windowOf = element => {
    const seen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (let outer = element; outer && !outer.matches(":popover-open, dialog[open]"); outer = outer.parentElement) {
      if (outer === element || getComputedStyle(outer).overflow === "visible") continue;
      const box = outer.getBoundingClientRect();
      seen.left = Math.max(seen.left, box.left);
      seen.top = Math.max(seen.top, box.top);
      seen.right = Math.min(seen.right, box.right);
      seen.bottom = Math.min(seen.bottom, box.bottom);
    }
    return seen;
  };
  // Nor does what a menu, a toast or a dialog lies upon ask to be read, nor what its shadow falls on.
  const shadow = 10; // px
  const isCovered = (element, x, y, width, height) =>
    [x, x + width / 2, x + width].some(left =>
      [y - shadow, y + height / 2, y + height + shadow].some(top => {
        const layer = document.elementFromPoint(left, top)?.closest("[popover], dialog");
        return layer && !layer.contains(element);
      }),
    );
  const places = shown.flatMap(element => textsOf(element).map(text => ({ element, box: boxOf(text) })));
  return places.flatMap(({ element, box: { left, top, right, bottom } }) => {
    const style = getComputedStyle(element);
    const margin = (bottom - top) / 6; // above and below the letters
    const seen = windowOf(element);
    const [x, y] = [Math.max(seen.left, left), Math.max(seen.top, top + margin)];
    const [width, height] = [Math.min(right, seen.right) - x, Math.min(bottom - margin, seen.bottom) - y];
    if (width < 2 || height < 2 || element.matches(":disabled") || style.clipPath !== "none") return [];
    if (isCovered(element, x, y, width, height)) return [];
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return [{ name: element.outerHTML.slice(0, 120), color: style.color, x, y, width, height, least: large ? 3 : 4.5 }];
  });
}

/** Runs in the page. */
async function judge({ texts, picture }) {
  const bytes = Uint8Array.from(atob(picture), letter => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const scale = bitmap.width / innerWidth;
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixel = new OffscreenCanvas(1, 1).getContext("2d");
  context.drawImage(bitmap, 0, 0);

  const light = ([r, g, b]) => {
    const [red, green, blue] = [r, g, b].map(one => (one <= 10 ? one / 3294 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const over = (color, background) => {
    pixel.fillStyle = `rgb(${background.join(" ")})`;
    pixel.fillRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const behind = ({ x, y, width, height }) => {
    const { data } = context.getImageData(
      x * scale,
      y * scale,
      Math.max(1, width * scale),
      Math.max(1, height * scale),
    );
    const counts = new Map(); // by red, green and blue in one number
    for (let at = 0; at < data.length; at += 4) {
      const key = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const enough = data.length / 4 / 100;
    const often = [...counts].filter(([, count]) => count > enough);
    return often.map(([key]) => [key >> 16, (key >> 8) & 255, key & 255]);
  };
  return texts.flatMap(text => {
    const ratios = behind(text).map(background => {
      const [a, b] = [light(over(text.color, background)), light(background)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
    const lowest = Math.min(...ratios);
    return lowest < text.least ? [`${lowest.toFixed(2)} of ${text.least}: ${text.name}`] : [];
  });
}
