import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Front } from "../front.js";
import { World, until } from "../harness.js";

let world, front;
before(async () => {
  world = await World.open();
  // A name that is neither https nor localhost: the browser gives such a page no OPFS, no Web Locks, no service worker.
  front = await Front.before(world.relay, "confab.test");
});
after(async () => {
  await front.close();
  await world.close();
});

test("on plain http the page says what is missing and still works; unsent work survives a reload", async () => {
  const bob = await world.person("Bob");
  const alice = await world.visitor("Alice", { line: front });
  assert.equal(await alice.page.evaluate(() => isSecureContext), false);
  await alice.register();
  await alice.at("status-storage").waitFor();
  await alice.shot("plain-http");
  await alice.writeTo(bob);
  await alice.send("Over plain http");
  await bob.openConversation("Alice");
  await bob.sees("Over plain http");

  front.shutWebSockets();
  const unsent = alice.at("message").filter({ hasText: "Written without a socket" });
  const pending = alice.page.locator('[data-pending="true"]');
  await alice.send("Written without a socket");
  await alice.at("composer-input").fill("A draft");
  // The page itself still comes from the relay, as it must without a service worker; what was said to it cannot.
  await alice.page.reload();
  await unsent.waitFor();
  assert.equal(await unsent.count(), 1);
  assert.equal(await pending.count(), 1);
  await until("the draft", async () => (await alice.at("composer-input").inputValue()) === "A draft");
  assert.equal(await bob.message("Written without a socket").count(), 0);

  front.openWebSockets();
  await bob.sees("Written without a socket", { timeout: 60_000 });
  await until("nothing waits", async () => (await pending.count()) === 0);
  for (const person of [alice, bob]) assert.deepEqual(await person.texts(), ["Over plain http", "Written without a socket"]);
});

test("on plain http a log-out without the relay lasts over a reload, and the relay is told when it is back", async () => {
  const carol = await world.visitor("Carol", { line: front });
  const elsewhere = await world.visitor("Carol");
  await carol.register();
  await elsewhere.login();
  await carol.at("menu-button").click();
  await carol.at("menu-settings").click();
  // The page comes from the relay; what is said to it does not get there.
  const mute = (route) => route.abort();
  await carol.page.context().route("**/api/**", mute);
  front.shutWebSockets();
  await carol.at("logout").click();
  await carol.at("confirm").click();
  await carol.at("auth-screen").waitFor();
  await carol.page.context().unroute("**/api/**", mute);
  front.openWebSockets();
  await carol.page.reload();
  await carol.at("auth-screen").waitFor();
  await elsewhere.at("menu-button").click();
  await elsewhere.at("menu-settings").click();
  await until("one device", async () => {
    await elsewhere.page.reload();
    await elsewhere.at("device").first().waitFor();
    return (await elsewhere.at("device").count()) === 1;
  });
  await carol.page.reload();
  await carol.at("auth-screen").waitFor();
});
