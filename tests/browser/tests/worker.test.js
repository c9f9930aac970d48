import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";

let world, alice, bob;

before(async () => {
  world = await World.open();
  [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
});
after(async () => await world.close());

test("a killed worker is started again and nothing is lost", async () => {
  await alice.writeTo(bob);
  await alice.send("before");
  for (let round = 0; round < 3; round += 1) {
    const worker = alice.page.workers()[0];
    const gone = new Promise((done) => worker.once("close", done));
    await Promise.all([worker.evaluate(() => setTimeout(() => self.close(), 0)), alice.send(`during ${round}`)]);
    await gone;
    await alice.send(`after ${round}`);
  }
  await bob.openConversation("Alice");
  await bob.sees("after 2", { timeout: 60000 });
  const texts = ["before", ...[0, 1, 2].flatMap((n) => [`during ${n}`, `after ${n}`])];
  await until("all", async () => (await bob.texts()).length === 7);
  const seen = await bob.texts();
  texts.forEach((text, place) => assert.ok(seen[place].startsWith(text), `${seen[place]} instead of ${text}`));
});
