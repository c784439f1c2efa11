/** axe finds nothing in any state, in light, in dark and in forced colours. The contrast that it cannot tell is computed from the pixels. */
import { everyState } from "./axe-states.mjs";
import { clean } from "./clean.mjs";
import { run } from "./kit.mjs";

run(async ({ stack, open, desk }) => {
  await everyState({ stack, open }, { look: "wide", viewport: { width: 1280, height: 860 } });
  await clean(await desk({ context: { reducedMotion: "reduce" } }), "the demo");
});
