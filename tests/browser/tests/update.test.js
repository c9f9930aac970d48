import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";
import { Front } from "../front.js";

let world, front, alice;

before(async () => {
  world = await World.open();
  const bob = await world.person("Bob");
  front = await Front.before(world.relay);
  alice = await world.person("Alice", { line: front });
  await alice.writeTo(bob);
});
after(async () => {
  await front.close();
  await world.close();
});

test("a new version is offered, not forced; taking it up reloads all tabs together and keeps drafts", async () => {
  await alice.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  // From the second load on the page is the service worker's.
  await alice.page.reload();
  await alice.at("composer-input").waitFor();
  const second = await alice.tab();
  await second.openConversation("Bob");
  const tabs = [alice, second];
  for (const tab of tabs) {
    assert.equal(await tab.page.evaluate(() => navigator.serviceWorker.controller !== null), true);
    await tab.page.evaluate(() => (globalThis.sameAsBefore = true));
    assert.equal(await tab.at("status-update").count(), 0);
  }

  await alice.at("composer-input").pressSequentially("In the middle of a sen");
  let released = false;
  front.changes.set("/sw.js", (text) => {
    const other = text.replace(/(["']?version["']?:\s*["'`])([0-9a-f]{8})/, (_, head) => `${head}0badc0de`);
    released = other !== text;
    return other;
  });
  // What the page does every hour, and when the network is back.
  await alice.page.evaluate(() => dispatchEvent(new Event("online")));
  for (const tab of tabs) await tab.at("status-update").waitFor();
  assert.equal(released, true);
  await alice.at("composer-input").pressSequentially("tence, still");
  for (const tab of tabs) assert.equal(await tab.page.evaluate(() => globalThis.sameAsBefore), true);
  assert.equal(await alice.at("composer-input").inputValue(), "In the middle of a sentence, still");

  await second.at("status-update").getByRole("button").click();
  for (const tab of tabs) {
    await until("the tab is loaded anew", () => tab.page.evaluate(() => globalThis.sameAsBefore === undefined).catch(() => false));
    await tab.at("composer-input").waitFor();
    assert.equal(await tab.at("status-update").count(), 0);
  }
  await until("the draft", async () => (await alice.at("composer-input").inputValue()) === "In the middle of a sentence, still");
  const kept = await alice.page.evaluate(() => caches.keys());
  assert.deepEqual(kept.filter((name) => !name.includes("0badc0de")), [], "the old version is thrown away");
});
