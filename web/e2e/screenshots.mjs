/** Pictures of the demo as it stands: wide and narrow, light and dark. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

export async function takeScreenshots(page, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [name, size] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const path = join(folder, `demo-${name}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: name === "narrow" });
      console.log(`shot ${path}`);
    }
  }
}
