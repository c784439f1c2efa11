/**
 * What appears by itself takes nothing that was meant for something else; what is above the product stays above it; and
 * what does not fit can be read.
 */
import {
  badge,
  becomes,
  check,
  connected,
  cutPlaceholders,
  openCenter,
  openFilters,
  pause,
  row,
  run,
  until,
} from "./kit.mjs";

const block = { id: "block", label: "Block it", url: "", style: "danger" };

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const page = await open(ada);
  const dialog = page.getByTestId("urgent-dialog");
  const urgent = id => ({ id, priority: "urgent", type: "security.alert", title: `Alert ${id}`, actions: [block] });
  await addProduct(page);

  // Somebody writes, and goes on writing, also when the alert has come: by keys of the page itself, three a second, which come
  // in time however slow this script is.
  await page.locator("#product-text").focus();
  await page.evaluate(() => {
    const field = document.querySelector("#product-text");
    const press = () => field.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
    press();
    window.writing = setInterval(press, 333);
  });
  await stack.seed(ada, [urgent("typed")]);
  await until("the badge", async () => (await badge(page)) === "1");
  await until("it is announced", async () =>
    (await page.getByTestId("urgent-waiting").textContent()).includes("Alert typed"),
  );
  check(true, "while somebody types, an urgent question waits, and is announced");
  for (let n = 0; n < 5; n++) {
    await page.keyboard.type("o ");
    await pause(200);
  }
  check((await dialog.count()) === 0, "for as long as they type");
  check((await page.locator("#product-text").inputValue()) === "o o o o o ", "and every key arrives");
  await page.evaluate(() => clearInterval(window.writing));
  await dialog.waitFor();
  await page.keyboard.press("Space"); // the next word
  await page.keyboard.press("Enter");
  await pause(700);
  await page.keyboard.press("Space"); // no answer has the focus
  await page.keyboard.press("Enter");
  check(
    (await stack.stored(ada, "typed")).doneAction === null && (await dialog.count()) === 1,
    "when it opens, no key answers it",
  );
  check(await dialog.evaluate(element => element === document.activeElement), "the focus is on the dialog itself");
  await dialog.getByTestId("action-block").click();
  await until("the answer", async () => (await stack.stored(ada, "typed")).doneAction === "block");
  await dialog.waitFor({ state: "detached" });
  check(true, "a press answers it");

  // A press at the moment in which it opens: as fast as a script can.
  await page.locator("body").click();
  await page.evaluate(() => {
    new MutationObserver(() => document.querySelector('[data-testid="action-block"]')?.click()).observe(document.body, {
      subtree: true,
      childList: true,
    });
  });
  await stack.seed(ada, [urgent("pressed")]);
  await dialog.waitFor();
  await pause(200);
  check((await stack.stored(ada, "pressed")).doneAction === null, "its first half second takes no press");
  await page.reload();
  await addProduct(page);
  await until("the badge", async () => (await badge(page)) === "1");
  await connected(page);

  // The product opens something of its own above the toast.
  const above = () =>
    page.evaluate(() => {
      const box = document.querySelector('[data-testid="toast"]')?.getBoundingClientRect();
      if (!box) return "no toast";
      const found = document.elementFromPoint(box.x + 40, box.y + 10);
      return found?.closest('[data-testid="toasts"]') ? "toast" : (found?.id ?? "");
    });
  const toast = page.getByTestId("toast");
  await stack.seed(ada, [{ id: "note", priority: "high", title: "Bob wrote" }]);
  await toast.waitFor();
  await toast.hover(); // its time stops, however slow this machine is
  await page.evaluate(() => document.querySelector("#product-popover").showPopover());
  await becomes(
    async () => (await above()) === "toast",
    "a toast lies above a popover of the product that opens later",
  );
  await page.evaluate(() => document.querySelector("#product-popover").hidePopover());
  await page.evaluate(() => document.querySelector("#product-dialog").showModal());
  await page.mouse.move(0, 0);
  await pause(6000);
  check((await toast.count()) === 1, "while a modal dialog covers it, its time stops");
  await page.evaluate(() => document.querySelector("#product-dialog").close());
  await toast.waitFor({ state: "detached" });
  check(true, "and goes on afterwards");

  await stack.seed(
    ada,
    ["a", "b", "c", "d"].map(id => ({ id, priority: "high", title: `Letter ${id}` })),
  );
  await until("three toasts", async () => (await toast.count()) === 3);
  await toast.first().hover(); // their time stops
  await pause(600);
  await page.getByTestId("toasts-waiting").click();
  await until("all four", async () => (await toast.count()) === 4);
  check(true, "“1 more” shows it");
  await pause(600);
  await page.getByTestId("toasts-close-all").click();
  await toast.first().waitFor({ state: "detached" });
  check((await badge(page)) === "6", "“close all” closes them, and reads none", await badge(page));

  await openCenter(page);
  await stack.seed(ada, [{ id: "late", priority: "high", title: "Said while the list is open" }]);
  await row(page, "Said while").waitFor();
  await pause(300);
  check((await toast.count()) === 0, "no toast while the list is open");

  // A new row moves the others down, under a pointer that rests on one of them, and presses in that moment.
  const resting = await row(page, "Said while").boundingBox();
  await page.mouse.move(resting.x + 100, resting.y + 20);
  await page.evaluate(
    ([x, y]) => {
      const rows = document.querySelector('[role="feed"]');
      new MutationObserver((_, observer) => {
        observer.disconnect();
        requestAnimationFrame(() => {
          const press = new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 });
          document.elementFromPoint(x, y).dispatchEvent(press);
          window.pressed = !press.defaultPrevented;
        });
      }).observe(rows, { subtree: true, childList: true });
    },
    [resting.x + 100, resting.y + 20],
  );
  await stack.seed(ada, [{ id: "mover", title: "Moves the rows" }]);
  await row(page, "Moves the rows").waitFor();
  await until("the press", () => page.evaluate(() => window.pressed !== undefined));
  check(
    !(await page.evaluate(() => window.pressed)) && (await stack.stored(ada, "mover")).readAt === null,
    "rows that move under the pointer take no press that was meant for another one",
  );

  const text = `It begins here. ${"And goes on. ".repeat(60)}It ends here.`;
  await stack.seed(ada, [
    { id: "long", title: "A long letter", body: text },
    { id: "link", title: "A link", url: "/somewhere" },
  ]);
  const long = row(page, "A long letter");
  await long.waitFor();
  const height = async () => (await long.boundingBox()).height;
  const before = await height();
  await pause(600); // the rows have moved
  const box = await long.locator(".td-body").boundingBox();
  await page.mouse.click(box.x + 40, box.y + 5); // the whole row is the button
  await becomes(async () => (await height()) > before + 60, "a press opens an item without a link in place, whole");
  check(
    await long.locator(".td-body").evaluate(body => body.scrollHeight <= body.clientHeight + 1),
    "to its last word",
  );
  await until("it is read", async () => (await stack.stored(ada, "long")).readAt !== null);
  await long.focus();
  await page.keyboard.press("Enter");
  await becomes(async () => (await height()) === before, "Enter closes it");
  await page.keyboard.press("Enter");
  await becomes(async () => (await height()) > before + 60, "and opens it");

  for (const [width, what] of [
    [1280, "popover"],
    [390, "sheet"],
  ]) {
    await page.setViewportSize({ width, height: 844 });
    if ((await page.getByTestId("inbox").count()) === 0) await openCenter(page);
    await page.evaluate(() =>
      document.addEventListener("click", event => event.preventDefault(), { capture: true, once: true }),
    );
    await row(page, "A link").getByRole("link").click();
    await page.getByTestId("inbox").waitFor({ state: "detached" });
    check(true, `the ${what} closes when a link in it is followed, also where the product prevents the default`);
  }

  await page.setViewportSize({ width: 320, height: 256 }); // 1280 × 1024 at 400 %
  await openCenter(page);
  const list = await page.getByRole("tabpanel").boundingBox();
  check(list.height >= 128, `at 400 % the list keeps half of the height: ${Math.round(list.height)} of 256 px`);
  const sentence = "Alice Moreau mentioned you in Harbour at dawn";
  const carol = { id: "carol", name: "Carol Lindqvist", imageUrl: "" };
  await stack.seed(ada, [
    { id: "wordy", title: sentence },
    { id: "drawn", title: "Carol came", actors: [carol] },
  ]);
  await page.context().setOffline(true);
  await page.locator('.td-strip[data-status="offline"]').waitFor();
  check(await isWhole(page.locator(".td-strip")), "a strip above it is not cut");
  await page.context().setOffline(false);
  await page.locator(".td-strip").waitFor({ state: "detached" });
  await row(page, sentence).focus();
  await page.keyboard.press("e");
  await page.getByTestId("notice").waitFor();
  const left = await page.getByRole("tabpanel").boundingBox();
  check(left.height >= 128, `also with a notice below it: ${Math.round(left.height)} px`);
  check(await isWhole(page.locator(".td-notice > span").first()), "which says what was done, to its last word");
  const overlap = await page.evaluate(() => {
    const item = document.activeElement.closest("article");
    const [words, offers] = [".td-title", ".td-quick"].map(part => item.querySelector(part).getBoundingClientRect());
    return words.right - offers.left;
  });
  check(overlap <= 8, `what a row offers does not lie on its title: ${Math.round(overlap)} px`);
  await page.emulateMedia({ forcedColors: "active" });
  for (const [part, what] of Object.entries({
    '[data-testid="tab-all"]': "the selected tab",
    ".td-avatar": "an avatar",
  })) {
    const border = await page
      .locator(part)
      .first()
      .evaluate(element => getComputedStyle(element).borderTopStyle);
    check(border === "solid", `forced colours show ${what}`);
  }
  await page.keyboard.press("Escape");
  const me = { id: "me", label: "It was me", url: "", style: "primary" };
  const body = "New sign-in from Oslo, on Firefox for Linux. Was it you?";
  await stack.seed(ada, [{ ...urgent("small"), title: "Security alert for your account", body, actions: [me, block] }]);
  await dialog.waitFor();
  const answers = dialog.getByRole("button");
  check((await answers.count()) === 3, "at 400 % an urgent question has its answers, too");
  for (const answer of await answers.all()) check(await isInView(answer), "and they are in view, without scrolling");

  const bea = await stack.person("Bea");
  await stack.seed(bea, [
    { id: "wordy", title: sentence },
    { id: "other", title: "Another", category: "security" },
  ]);
  const english = await open(bea, { context: { viewport: { width: 320, height: 568 } } });
  await openCenter(english);
  await searchChecks(english);
  const german = await open(bea, { context: { viewport: { width: 320, height: 256 } }, query: "&lang=de" });
  await openCenter(german);
  await row(german, sentence).focus();
  await german.keyboard.press("?");
  const lines = await german.getByTestId("keys-help").evaluate(dialog => {
    const heights = part =>
      [...dialog.querySelectorAll(part)].map(one => Math.round(one.getBoundingClientRect().height));
    return { words: Math.max(...heights("dt")) / Math.min(...heights("dt")), keys: new Set(heights("kbd")).size };
  });
  check(lines.words <= 2 && lines.keys === 1, "what a key does takes two lines at most, and a key one", lines);
  await german.keyboard.press("Escape");
  await searchChecks(german);
  await row(german, sentence).focus();
  await german.keyboard.press("e");
  await german.getByTestId("notice").waitFor();
  const rest = await german.getByRole("tabpanel").boundingBox();
  check(
    rest.height >= 128,
    `in German, too, the list keeps half of 256 px beside a notice: ${Math.round(rest.height)}`,
  );
});

/** The search says what it is, beside the choice of a category and its longest name. */
async function searchChecks(page) {
  await openFilters(page);
  await page.getByTestId("category").waitFor();
  const cut = await cutPlaceholders(page);
  check((await page.getByPlaceholder(/./).count()) === 1 && cut.length === 0, "no placeholder is cut on 320 px", cut);
  await page.getByTestId("search-toggle").click();
}

/** Whether nothing of its text is cut. */
const isWhole = part => part.evaluate(element => element.scrollWidth <= element.clientWidth);

/** Whether a press on its middle meets it. */
const isInView = part =>
  part.evaluate(element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  });

/** Gives the page what a product has: a text field, a popover, a modal dialog, all of them large. */
function addProduct(page) {
  return page.evaluate(() => {
    const product = document.createElement("div");
    const everywhere = "position:fixed;inset:0;margin:0;width:100vw;height:100vh;max-width:none;max-height:none";
    product.innerHTML = `<input id="product-text"><div id="product-popover" popover="manual"></div>
      <dialog id="product-dialog"><button>OK</button></dialog>`;
    for (const id of ["product-popover", "product-dialog"]) product.querySelector(`#${id}`).style.cssText = everywhere; // as the policy allows it
    document.body.append(product);
  });
}
