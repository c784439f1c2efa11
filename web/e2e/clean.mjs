import { AxeBuilder } from "@axe-core/playwright";
import { check } from "./assertions.mjs";
import { poorContrast } from "./contrast.mjs";

const colours = ["color-contrast", "link-in-text-block"];

const schemes = {
  light: { colorScheme: "light", forcedColors: "none" },
  "forced colours": { colorScheme: "light", forcedColors: "active" },
  dark: { colorScheme: "dark", forcedColors: "none" },
};

/** Fails if axe finds something on the page as it is, in light, in dark or in forced colours, or if a contrast that it cannot tell is too low. */
export async function clean(page, state) {
  for (const [scheme, media] of Object.entries(schemes)) {
    await page.emulateMedia(media);
    await page.evaluate(still); // colours that are on their way have another contrast
    // What passed is not looked at: axe need not describe each of its elements.
    const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations", "incomplete"] });
    // Nothing but the colours follows the scheme.
    const { violations, incomplete } = await (scheme === "light" ? axe : axe.withRules(colours)).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`);
    const open = incomplete.filter(({ id }) => id === "color-contrast").flatMap(({ nodes }) => nodes);
    const poor = await poorContrast(
      page,
      open.map(({ target }) => target.join(" ")),
    );
    check(
      found.length + poor.length === 0,
      `${state}, ${scheme}: 0 violations; of ${open.length} texts the contrast was computed`,
      [...found, ...poor],
    );
  }
}

/** Waits for transitions and animations that end. */
const still = () =>
  Promise.all(
    document
      .getAnimations()
      .filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime))
      .map(one => one.finished.catch(() => {})),
  ).then(() => {});
