import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";

let world;
before(async () => (world = await World.open()));
after(async () => await world.close());

test("on plain http the page says what is missing and still works; unsent work survives a reload", async () => {
  // A name that is neither https nor localhost: the browser gives such a page no OPFS, no Web Locks, no service worker.
  const bob = await world.person("Bob");
  world.relay.url = `http://confab.test:${world.relay.port}`;
  const alice = await world.visitor("Alice");
  assert.equal(await alice.page.evaluate(() => isSecureContext), false);
  await alice.register();
  await alice.at("status-storage").waitFor();
  await alice.shot("plain-http");
  await alice.writeTo(bob);
  await alice.send("Over plain http");
  await bob.at("conversation-row").filter({ hasText: "Alice" }).waitFor();

  await world.relay.kill();
  await alice.send("Written while the relay was away");
  await alice.at("composer-input").fill("A draft");
  await alice.page.waitForTimeout(1500);
  await world.relay.start().catch(() => {});
  await alice.page.reload();
  await alice.at("shell").waitFor();
  await bob.openConversation("Alice");
  await bob.sees("Written while the relay was away", { timeout: 60_000 });
  assert.equal(await bob.message("Written while the relay was away").count(), 1);
  await alice.openConversation("Bob");
  await until("the draft", async () => (await alice.at("composer-input").inputValue()) === "A draft");
});
