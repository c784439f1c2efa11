/**
 * A toast takes neither the focus nor a press that was meant for something else, stays for whoever deals with it, and holds no
 * other one once that is over.
 */
import { badge, check, focused, pause, run, until } from "./kit.mjs";

const longer = 6000; // ms than the five seconds that a toast stays

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const page = await open(ada);
  const toast = page.getByTestId("toast");
  const write = (...ids) =>
    stack.seed(
      ada,
      ids.map(id => ({ id, priority: "high", title: `Letter ${id}` })),
    );

  await page.getByTestId("bell").focus();
  await page.evaluate(pressWhenItComes);
  await write("one");
  await toast.waitFor();
  check((await focused(page)) === "bell", "a toast that comes leaves the focus where it is");
  check(await page.evaluate(() => window.swallowed), "its first half second takes no press");
  await toast.hover();
  await pause(longer);
  check((await toast.count()) === 1, "it stays while the pointer is on it");
  await page.mouse.move(0, 0);
  await toast.waitFor({ state: "detached" });
  check(true, "and leaves afterwards");

  await write("two");
  await toast.waitFor();
  await page.keyboard.press("F6");
  await until("the focus", async () => (await focused(page)) === "toast two");
  await pause(longer);
  check((await toast.count()) === 1, "it stays while the keyboard is on it");
  await page.keyboard.press("Escape");
  await toast.waitFor({ state: "detached" });

  await write("three", "four", "five");
  await until("three toasts", async () => (await toast.count()) === 3);
  await toast.first().hover();
  await pause(600); // their first half second takes no press
  await toast.first().getByTestId("dismiss").click();
  await until("one less", async () => (await toast.count()) === 2);
  await page.mouse.move(0, 0);
  await toast.first().waitFor({ state: "detached" });
  await until("none", async () => (await toast.count()) === 0);
  check((await badge(page)) === "5", "one is closed by its button: the others leave by themselves", await badge(page));
});

/** Runs in the page: presses the button that closes the first toast, as soon as it is there. */
function pressWhenItComes() {
  new MutationObserver((_, observer) => {
    const button = document.querySelector('[data-testid="dismiss"]');
    if (!button) return;
    observer.disconnect();
    const press = new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 });
    button.dispatchEvent(press);
    window.swallowed = press.defaultPrevented;
  }).observe(document.body, { subtree: true, childList: true });
}
