/** What producers and other people write is shown as text, however it is meant, and breaks no layout. */
import { badge, check, openCenter, run, until } from "./kit.mjs";

const bad = {
  markup: '<b>bold</b><img src=x onerror="window.hurt=1">',
  script: "<script>window.hurt=2</script>{{7*7}}",
  override: "\u202Eevil\u2066\u2067 reversed \u202B\u200F\u0000 end",
  long: "A".repeat(10_000),
  wide: "𒐫﷽".repeat(200),
  stacked: `Z${"\u0336\u0489".repeat(500)}algo`,
  lines: "many\nlines\n".repeat(1000),
};

const addresses = [
  "javascript:window.hurt=3",
  " JaVa\tScript:window.hurt=4",
  "data:text/html,<script>window.hurt=5</script>",
  "//evil.example/x",
  "\\\\evil.example",
  "vbscript:x",
  "https://ok.example/a?b=c",
];

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const items = [...Object.entries(bad), ...addresses.map((_, n) => [`url${n}`, `Address ${n}`])].map(
    ([id, text], n) => ({
      id,
      title: text,
      body: text,
      url: addresses[n % addresses.length],
      type: text.slice(0, 100),
      category: n === 0 ? bad.markup : "social",
      icon: "constructor",
      target: { type: text.slice(0, 50), id: text.slice(0, 50), title: text, url: addresses[0] },
      actors: [
        { id: "a", name: text, imageUrl: addresses[0] },
        { id: "b", name: text, imageUrl: "https://127.0.0.1:1/none.png" },
      ],
      actions: [
        { id: "x", label: text, url: addresses[n % addresses.length], style: "primary" },
        { id: "y", label: text, url: addresses[1], style: text.slice(0, 20) },
      ],
    }),
  );
  await stack.seed(ada, items);
  const page = await open(ada);
  let dialogs = 0;
  page.on("dialog", dialog => {
    dialogs++;
    void dialog.dismiss();
  });
  await until("the badge", async () => (await badge(page)) !== "");
  for (const width of [320, 1280, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    await openCenter(page);
    await page.getByTestId("notification").first().waitFor();
    const seen = new Set();
    const wrong = [];
    await page.getByTestId("notification").first().focus();
    for (let n = 0; n < items.length; n++) {
      for (const fault of await page.evaluate(lookForHarm)) wrong.push(fault);
      for (const id of await page.evaluate(() =>
        [...document.querySelectorAll("article.td-item")].map(a => a.dataset.id),
      ))
        seen.add(id);
      await page.keyboard.press("ArrowDown");
      const position = String(Math.min(n + 2, items.length));
      await until(`the focus on row ${position}`, () =>
        page.evaluate(at => document.activeElement.ariaPosInSet === at, position),
      );
    }
    check(seen.size === items.length, `${width} px: all ${items.length} hostile items are listed`, [...seen]);
    check(wrong.length === 0 && dialogs === 0, `${width} px: none runs, leads anywhere or breaks the layout`, [
      ...new Set(wrong),
    ]);
    await page.getByTestId("inbox").press("Escape");
  }

  await page.setViewportSize({ width: 390, height: 844 });
  await stack.seed(
    ada,
    items
      .slice(0, 6)
      .map((item, n) => ({ ...item, id: `t${n}`, priority: "urgent", actions: n < 5 ? [] : item.actions })),
  );
  await page.getByTestId("urgent-dialog").waitFor();
  const inDialog = await page.evaluate(lookForHarm);
  const box = await page.getByTestId("urgent-dialog").evaluate(element => ({
    outer: [element.clientWidth, element.getBoundingClientRect().height, innerHeight],
    inner: [element.scrollWidth, element.scrollHeight],
  }));
  const fits = box.inner[0] <= box.outer[0] && box.outer[1] <= box.outer[2];
  check(inDialog.length === 0 && fits, "toasts and the urgent dialog hold them, too", [inDialog, box]);
});

/** Runs in the page; answers what is wrong with it. */
function lookForHarm() {
  const wrong = [];
  if (window.hurt !== undefined) wrong.push(`script ran: ${window.hurt}`);
  const own = ":is(.td-inbox, .td-toasts, .td-urgent)";
  if (document.querySelector(`${own} :is(script, b, iframe)`)) wrong.push("markup became elements");
  for (const link of document.querySelectorAll(`${own} a[href]`)) {
    const { protocol, origin, href } = new URL(link.getAttribute("href"), location.href);
    const isOurs = origin === location.origin || href === "https://ok.example/a?b=c";
    if (!/^https?:$/.test(protocol) || !isOurs) wrong.push(`link to ${link.getAttribute("href")}`);
  }
  for (const image of document.querySelectorAll(`${own} img`)) {
    if (!/^https?:/.test(image.src)) wrong.push(`picture from ${image.src}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
  const scroll = document.querySelector(".td-scroll");
  if (scroll && scroll.scrollWidth > scroll.clientWidth) wrong.push("the list scrolls sideways");
  for (const article of document.querySelectorAll("article.td-item, article.td-toast")) {
    const box = article.getBoundingClientRect();
    if (box.height > 260) wrong.push(`${article.dataset.id} is ${box.height} px high`);
    for (const child of article.querySelectorAll("button, a, time, .td-picture")) {
      const { left, right } = child.getBoundingClientRect();
      if (left < box.left - 1 || right > box.right + 1)
        wrong.push(`${child.className || child.tagName} of ${article.dataset.id} sticks out`);
    }
  }
  return wrong;
}
