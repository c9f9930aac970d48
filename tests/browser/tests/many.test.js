import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, password, until } from "../harness.js";
import { Wire, uuid7 } from "../wire.js";

const count = 600;
let world, wire, alice;

before(async () => {
  world = await World.open();
  wire = await Wire.register(world.relay, "alice", "Alice", password);
  const under = [];
  for (let i = 0; i < count; i += 1) {
    under.push(wire.ask("create_group", { command: uuid7(), conversation: uuid7(), title: `Group ${i + 1}`, members: [] }));
    if (under.length >= 64) await under.shift();
  }
  await Promise.all(under);
  alice = await world.visitor("Alice");
  await alice.login();
});
after(async () => {
  wire.close();
  await world.close();
});

test("of many conversations only those in sight are drawn, and every one is reached", async () => {
  const rows = alice.at("conversation-row");
  const list = alice.at("conversation-list");
  await until("all are here", async () => (await list.locator("li").first().getAttribute("aria-setsize").catch(() => "")) === String(count));
  assert.ok((await rows.count()) < 60, `${await rows.count()} rows are drawn`);

  const focused = () => alice.page.evaluate(() => document.activeElement.dataset.id);
  const first = await rows.first().getAttribute("data-id");
  await rows.first().focus();
  await alice.page.keyboard.press("End");
  const place = () => alice.page.evaluate(() => document.activeElement.closest("li")?.getAttribute("aria-posinset"));
  await until("the last row", async () => (await place()) === String(count));
  assert.ok((await rows.count()) < 60);
  await alice.page.keyboard.press("Home");
  await until("the first row", async () => (await focused()) === first);

  const seen = new Set();
  for (let top = 0; seen.size < count; top += 400) {
    const held = await list.evaluate((box, to) => {
      box.scrollTop = to;
      return box.scrollTop;
    }, top);
    await alice.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const id of await rows.evaluateAll((all) => all.map((row) => row.dataset.id))) seen.add(id);
    if (held < top - 1) break;
  }
  assert.equal(seen.size, count);
  // The focus went nowhere, though its row is far away.
  assert.equal(await focused(), first);
});
