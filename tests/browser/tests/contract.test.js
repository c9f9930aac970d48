// The browser's bridge keeps to the contract wherever the database is: in this tab's worker, in another tab's, or in
// IndexedDB on plain http.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { extname } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Front } from "../front.js";
import { World, until } from "../harness.js";
import { owns } from "../owner.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };
let world, front, plain;

before(async () => {
  const vite = here("../../../app/ui/node_modules/vite/bin/vite.js");
  execFileSync(process.execPath, [vite, "build", "--config", here("../contract/vite.config.js")], { stdio: "inherit" });
  world = await World.open();
  front = await Front.before(world.relay);
  plain = await Front.before(world.relay, "confab.test");
  const built = here("../.built/");
  for (const name of readdirSync(built, { recursive: true })) {
    const type = types[extname(name)];
    if (type) for (const way of [front, plain]) way.files.set(`/${name}`, { type, body: readFileSync(built + name) });
  }
});
after(async () => {
  await world.close();
  for (const way of [front, plain]) await way.close();
});

/** Without the service worker, which would answer with the relay's own page. */
const profile = () => world.browser.newContext({ serviceWorkers: "block" });

async function open(context, way) {
  const page = await context.newPage();
  await page.goto(`${way.url}/contract.html`);
  await page.waitForFunction(() => window.runContract !== undefined);
  return page;
}

async function keeps(t, page, username) {
  const outcomes = await page.evaluate((name) => window.runContract(name), username);
  assert.ok(outcomes.length >= 10, JSON.stringify(outcomes));
  for (const { name, failure } of outcomes) await t.test(name, () => assert.equal(failure, null));
}

test("in the tab that owns the database", async (t) => {
  const context = await profile();
  const page = await open(context, front);
  await until("the tab owns the database", () => owns(page));
  await keeps(t, page, "owner");
  await context.close();
});

test("in a tab beside the one that owns it", async (t) => {
  const context = await profile();
  const first = await open(context, front);
  await until("the first tab owns the database", () => owns(first));
  const second = await open(context, front);
  await keeps(t, second, "second");
  assert.equal(await owns(second), false);
  await context.close();
});

test("on plain http, in IndexedDB", async (t) => {
  const context = await profile();
  const page = await open(context, plain);
  assert.deepEqual(await page.evaluate(() => [isSecureContext, "locks" in navigator]), [false, false]);
  await keeps(t, page, "plain");
  await context.close();
});
