import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";
import { owns } from "../owner.js";

let world, alice, bob, second, third;

before(async () => {
  world = await World.open();
  [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await alice.writeTo(bob);
  await alice.send("From the first tab");
  await bob.openConversation("Alice");
  await bob.sees("From the first tab");
});
after(async () => {
  const problems = world.people.flatMap((person) => person.problems);
  await world.close();
  assert.deepEqual(problems, []);
});

test("two tabs of one person work at once, and one takes over from the other", async () => {
  second = await alice.tab();
  await second.openConversation("Bob");
  await second.sees("From the first tab");
  await second.send("From the second tab");
  await alice.sees("From the second tab");
  await alice.send("And the first again");
  await second.sees("And the first again");

  // The first tab owns the database; it goes while the second one writes.
  await Promise.all([alice.page.close(), second.send("Sent while the owner went away")]);
  await second.sees("Sent while the owner went away");
  await bob.sees("Sent while the owner went away", { timeout: 60_000 });
  await bob.send("Still there?");
  await second.sees("Still there?", { timeout: 60_000 });

  third = await second.tab();
  await third.openConversation("Bob");
  await third.sees("Still there?");
  const expected = ["From the first tab", "From the second tab", "And the first again", "Sent while the owner went away", "Still there?"];
  for (const person of [second, third, bob]) {
    await until(`${person.name} sees all`, async () => (await person.texts()).length === expected.length);
    assert.deepEqual(await person.texts(), expected);
  }
});

test("when the tab that owns the database crashes, another takes over and nothing is lost or doubled", async () => {
  assert.equal(await owns(second.page), true, "the oldest tab is the owner");
  const crashed = new Promise((done) => second.page.once("crash", done));
  await third.page.bringToFront();
  void second.page.goto("chrome://crash").catch(() => undefined);
  await Promise.all([crashed, third.send("While the owner crashed")]);
  await third.send("After the crash");
  await bob.sees("After the crash", { timeout: 60_000 });
  assert.equal(await owns(third.page), true);
  await until("nothing waits", async () => (await third.page.locator('[data-pending="true"]').count()) === 0);
  const expected = ["Still there?", "While the owner crashed", "After the crash"];
  for (const person of [third, bob]) assert.deepEqual((await person.texts()).slice(-3), expected);
});
