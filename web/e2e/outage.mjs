/**
 * Outages that the browser does not announce: a connection that swallows everything, and a machine that sleeps. Firestore
 * by itself takes up to half a minute to notice; whoever looks at the page again should not have to wait.
 */
import { connect, createServer } from "node:net";
import { badge, openCenter, pause, row, run, until, within } from "./kit.mjs";

const outage = Number(process.env.OUTAGE_MS ?? 30_000);

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  await stack.seed(ada, [{ id: "one", title: "Item one" }]);
  const proxy = await startProxy(stack.addresses.firestore);
  const firestore = { host: "127.0.0.1", port: proxy.port };
  try {
    const page = await open(ada, { firestore });
    await until("the badge", async () => (await badge(page)) === "1");
    await openCenter(page);
    await until("all is stored", async () => (await stack.stored(ada, "one")).seenAt !== null);

    proxy.swallow(true);
    await stack.change(ada, "one", { title: "Said during the outage", revision: 2, seenAt: null });
    await pause(outage);
    proxy.swallow(false);
    within(await looked(page, "Said during the outage"), 1000, `${outage / 1000} s of a dead connection are over`);

    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    proxy.swallow(true);
    await stack.change(ada, "one", { title: "Said during the sleep", revision: 3, seenAt: null });
    await pause(outage / 3);
    proxy.swallow(false);
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    within(await looked(page, "Said during the sleep"), 1000, "so is a sleep, in which nothing ran");
  } finally {
    proxy.close();
  }
});

/** Looks at the page again, and answers how long it took to show the title. */
async function looked(page, title) {
  const start = Date.now();
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await row(page, title).waitFor();
  return Date.now() - start;
}

/** A TCP proxy that can stop passing anything on without closing a connection, as a network does that has gone. */
async function startProxy(target) {
  const [host, port] = target.split(":");
  const sockets = new Set();
  let swallowing = false;
  const server = createServer(near => {
    const far = connect({ host, port: Number(port) });
    const pass = (from, to) => {
      sockets.add(from);
      from.dead = swallowing;
      // What was swallowed is lost for good: a connection that was alive then never recovers.
      from.on("data", data => from.dead || to.dead || to.write(data));
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    };
    pass(near, far);
    pass(far, near);
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    swallow(on) {
      swallowing = on;
      if (on) for (const socket of sockets) socket.dead = true;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
