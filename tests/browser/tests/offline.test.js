import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";
import { Line } from "../line.js";

let world, line, alice, bob;

before(async () => {
  world = await World.open();
  line = await Line.to(world.relay.port);
  [alice, bob] = [await world.person("Alice", { line }), await world.person("Bob")];
  await alice.writeTo(bob);
  await alice.send("First, while online");
  await bob.openConversation("Alice");
  await bob.sees("First, while online");
});
after(async () => {
  line.close();
  await world.close();
});

test("what is written offline survives a reload and arrives once, in order", async () => {
  // The page must be able to open without the relay: wait for the service worker to hold it.
  await alice.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await until("the shell is kept", () => alice.page.evaluate(async () => (await caches.keys()).length > 0));
  await alice.context.setOffline(true);
  line.cut();
  await until("the bar says offline", async () => /offline/i.test(await alice.at("status-bar").innerText().catch(() => "")));
  for (const text of ["one", "two", "three"]) await alice.send(`Written offline: ${text}`);
  await alice.page.reload();
  await alice.at("shell").waitFor();
  for (const text of ["one", "two", "three"]) await alice.sees(`Written offline: ${text}`);
  await alice.sees("First, while online");
  await alice.shot("offline-after-reload");
  assert.equal(await bob.message("Written offline").count(), 0);

  line.mend();
  await alice.context.setOffline(false);
  await bob.sees("Written offline: three", { timeout: 60_000 });
  const expected = ["First, while online", ...["one", "two", "three"].map((text) => `Written offline: ${text}`)];
  assert.deepEqual(await bob.texts(), expected);
  assert.deepEqual(await alice.texts(), expected);
  await until("nothing waits", async () => (await alice.page.locator('[data-pending="true"]').count()) === 0);
});

test("the relay is killed under traffic and every accepted message arrives exactly once", async () => {
  const sent = [];
  const talk = async (person, count) => {
    for (let i = 0; i < count; i += 1) {
      const text = `${person.name} under fire ${i}`;
      await person.send(text);
      sent.push(text);
    }
  };
  const talking = Promise.all([talk(alice, 20), talk(bob, 20)]);
  for (let round = 0; round < 3; round += 1) {
    await new Promise((done) => setTimeout(done, 400));
    await world.relay.kill();
    await world.relay.start();
  }
  await talking;
  for (const person of [alice, bob]) {
    await until(`${person.name} has all`, async () => (await person.page.locator('[data-pending="true"]').count()) === 0, 60_000);
  }
  const { Wire } = await import("../wire.js");
  const { password } = await import("../harness.js");
  const wire = await Wire.login(world.relay, "alice", password);
  const conversation = wire.welcome.page.heads[0].conversation;
  const arrived = await until("all arrived", async () => {
    const page = await wire.ask("history", { conversation, limit: 1000 });
    return page.messages.length >= 44 ? page.messages : undefined;
  }, 60_000);
  const texts = arrived.map((message) => message.content.text).filter((text) => text.includes("under fire"));
  assert.deepEqual([...texts].sort(), [...sent].sort());
  for (const name of ["Alice", "Bob"]) {
    const own = texts.filter((text) => text.startsWith(name));
    assert.deepEqual(own, own.map((_, i) => `${name} under fire ${i}`));
  }
  assert.deepEqual(arrived.map((message) => message.seq), arrived.map((_, i) => i + 1));
  wire.close();
});

test("a member added offline is seen waiting, also after a reload, and comes in with the network", async () => {
  const carol = await world.person("Carol");
  await alice.writeTo(carol);
  await alice.at("menu-button").click();
  await alice.at("menu-new-group").click();
  await alice.at("people-search").fill("bob");
  await alice.at("person").filter({ hasText: "Bob" }).first().click();
  await alice.at("group-title").fill("Harbour walk");
  await alice.at("group-create").click();
  await alice.shows("Harbour walk");
  await bob.openConversation("Harbour walk");
  await alice.context.setOffline(true);
  line.cut();
  await until("the bar says offline", async () => /offline/i.test(await alice.at("status-bar").innerText().catch(() => "")));
  await alice.at("conversation-details").click();
  await alice.at("group-add").click();
  await alice.at("people-search").fill("carol");
  await alice.at("person").filter({ hasText: "Carol" }).first().click();
  await alice.at("group-create").click();
  const row = alice.at("member-row").filter({ hasText: "Carol" });
  await row.getByTestId("member-waiting").waitFor();
  await alice.page.reload();
  await row.getByTestId("member-waiting").waitFor();
  await alice.shot("member-waiting");
  assert.equal(await carol.at("conversation-row").filter({ hasText: "Harbour walk" }).count(), 0);

  line.mend();
  await alice.context.setOffline(false);
  await carol.openConversation("Harbour walk");
  await row.waitFor();
  await row.getByTestId("member-waiting").waitFor({ state: "detached" });
});
