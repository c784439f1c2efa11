/** The same as axe.mjs on a window of 1280 by 1024 at 400 %, in German from right to left. */
import { everyState } from "./axe-states.mjs";
import { run } from "./kit.mjs";

run(({ stack, open }) =>
  everyState({ stack, open }, { look: "at 400 %", viewport: { width: 320, height: 256 }, query: "&lang=de&dir=rtl" }),
);
