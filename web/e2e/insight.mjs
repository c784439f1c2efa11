/**
 * The demo's page "What became of it": what the local stack's facts hold, what is wrong with a question, the plots by keyboard and in
 * words, and the looks of a believable week: light, dark, forced colours, both languages, narrow.
 */
import { clean } from "./clean.mjs";
import { answerWith, someFigures } from "./figures.mjs";
import { becomes, check, focused, run, until } from "./kit.mjs";
import { walkTo } from "./settings.mjs";

const still = { reducedMotion: "reduce" };

run(async ({ stack, page: open, desk }) => {
  await fromTheStack({ stack, desk });
  await byKeyboard({ stack, open });
  await looks({ stack, open });
});

/** How many orders were shown in the app, on the day of the stack's clock. */
async function ordersShown(stack) {
  const { rows, to } = await (await fetch(`${stack.addresses.web}/v1/insight/types`)).json();
  return rows.find(row => row.type === "order.shipped" && row.channel === "in_app" && row.day === to)?.shown ?? 0;
}

/** From the demo's head to the facts of an event that was just posted. */
async function fromTheStack({ stack, desk }) {
  const ada = await stack.person("Ada");
  const before = await ordersShown(stack);
  await stack.event({
    type: "order.shipped",
    target: { type: "order", id: ada.uid, title: "Order 7" },
    recipients: [ada.uid],
  });
  await until("its facts", async () => (await ordersShown(stack)) > before);
  const page = await desk({ context: still });
  await page.getByTestId("to-insight").click();
  await page.getByTestId("plot-funnel").waitFor();
  check((await page.title()) === "What became of it – Tidings", "the demo's head leads to the page");
  const plot = page.getByRole("img", { name: /^order\.shipped: Accepted/ });
  const words = await plot.getAttribute("aria-label");
  const shown = Number(/Shown ([\d,]+)/.exec(words)?.[1].replace(",", ""));
  check(shown > before, "the stack's facts are there, and the plot says them in words", words);
  await clean(page, "the stack's figures");

  await page.getByTestId("span-from").fill("2026-01-02");
  await page.getByTestId("span-to").fill("2026-01-01");
  await page.getByTestId("span-show").click();
  const problem = page.getByTestId("insight-problem");
  await problem.waitFor();
  check(
    (await problem.textContent()).includes("from: 2026-01-02 is after to, 2026-01-01"),
    "a question that is wrong is told which field and why",
    await problem.textContent(),
  );
  check(await page.getByTestId("plot-funnel").isVisible(), "and what was there stays");
  await clean(page, "a wrong question");
  await page.getByTestId("span-from").fill("2020-01-01");
  await page.getByTestId("span-to").fill("2020-01-02");
  await page.getByTestId("span-show").click();
  await page.getByTestId("insight-none").waitFor();
  check((await problem.count()) === 0, "days without facts say what to do");
  await clean(page, "days without facts");
  await page.getByTestId("span-7").click();
  await page.getByTestId("plot-funnel").waitFor();
  check(true, "the usual days are those before today, whatever was asked for before");
  await page.context().close();
}

/** Every number without a pointer: the tables behind the plots, the days, the type. */
async function byKeyboard({ stack, open }) {
  const asked = [];
  const before = async page => {
    await answerWith(page, someFigures());
    page.on("request", request => request.url().includes("/v1/insight/") && asked.push(new URL(request.url()).search));
  };
  const page = await open({ context: still, before });
  await page.goto(`${stack.addresses.web}/?insight`);
  await page.getByTestId("plot-times").waitFor();
  await walkTo(page, "span-31");
  await page.keyboard.press("Enter");
  await becomes(async () => asked.at(-1) === "?from=2026-10-28&to=2026-11-27", "a key asks for 31 days", asked);
  await page.getByTestId("plot-times").waitFor();
  for (const [plot, first] of [
    ["plot-funnel", "post.liked4,461"],
    ["plot-held", "post.liked1,874"],
    ["plot-times", "Nov 211.5 hr"],
  ]) {
    await walkTo(page, `${plot}-table`);
    await page.keyboard.press("Enter");
    const row = page.getByTestId(plot).locator("tbody tr").first();
    await row.waitFor();
    const found = await row.textContent();
    check(found.startsWith(first), `behind ${plot} is its table`, found);
    await page.keyboard.press("Tab");
    check((await focused(page)) === "SECTION", "a key reaches what may have to be scrolled");
  }
  await clean(page, "the tables");
  await page.getByTestId("times-type").focus();
  await page.keyboard.type("security");
  const said = () => page.getByTestId("plot-times").locator("p").first().textContent();
  await becomes(async () => (await said()).startsWith("security.alert on Nov 27: half within "), "keys choose a type");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await becomes(async () => (await said()).includes(" ms, 95 of 100"), "and which time");
  await page.context().close();
}

/** What people look at, in every look. */
async function looks({ stack, open }) {
  const before = page => answerWith(page, someFigures("2026-10-28", "2026-11-27"));
  const page = await open({ context: still, before });
  for (const [lang, words] of [
    ["", "How far each type went"],
    ["&lang=de", "Wie weit jeder Typ kam"],
  ]) {
    await page.goto(`${stack.addresses.web}/?insight${lang}`);
    await page.getByTestId("plot-times").waitFor();
    check((await page.getByRole("heading", { level: 2 }).first().textContent()) === words, `it says “${words}”`);
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 640 });
      await clean(page, `the plots, ${width} px`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      check(wide <= width, `nothing is wider than ${width} px`, wide);
    }
  }
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const poor = (await contrasts(page)).filter(({ contrast }) => contrast < 3);
    check(poor.length === 0, `${colorScheme}: each bar, line and mark has a contrast of 3 or more with its card`, poor);
  }
  await page.emulateMedia({ forcedColors: "active" });
  await clean(page, "the plots in forced colours");
  const fills = await page.locator(".i-legend .i-part").evaluateAll(all => all.map(one => getComputedStyle(one).fill));
  check(new Set(fills).size === fills.length, "in forced colours each reason has a hatch of its own", fills);
  await page.context().close();
}

/** The contrast of what is drawn with the card below it (WCAG 1.4.11). */
function contrasts(page) {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminance = colour => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return [...document.querySelectorAll(".i-bar, .i-part, .i-mark, .i-median, .i-p95, .i-line")].map(one => {
      const { fill, stroke } = getComputedStyle(one);
      const own = luminance(one.matches(".i-median, .i-p95, .i-line") ? stroke : fill);
      const card = luminance(getComputedStyle(one.closest(".d-card")).backgroundColor);
      return { what: one.getAttribute("class"), contrast: (Math.max(own, card) + 0.05) / (Math.min(own, card) + 0.05) };
    });
  });
}
