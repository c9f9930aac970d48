import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, password, until } from "../harness.js";
import { Wire, directId } from "../wire.js";

const count = 5000;
let world, alice, bob;

before(async () => {
  world = await World.open();
  bob = await Wire.register(world.relay, "bob", "Bob", password);
  alice = await world.person("Alice");
  const { users } = await bob.ask("find_users", { query: "alice" });
  const conversation = directId(bob.user.id, users[0].id);
  const texts = Array.from({ length: count }, (_, i) => `Message number ${i + 1}`);
  await bob.sendMany(conversation, texts, { direct_with: users[0].id });
});
after(async () => {
  bob.close();
  await world.close();
});

test("five thousand messages scroll back without a hole, in order", async () => {
  await alice.openConversation("Bob");
  const seen = new Set();
  const collect = async () => {
    for (const text of await alice.texts()) seen.add(Number(text.replace("Message number ", "")));
  };
  // From the first unread message or from the end, whichever the screen opens at: go to the end first.
  const jump = alice.at("jump-to-newest");
  await until("the newest message", async () => {
    if (await jump.isVisible()) await jump.click({ timeout: 1000 }).catch(() => {});
    return await alice.message(`Message number ${count}`).first().isVisible();
  });
  await collect();
  await alice.at("message-list").hover();
  // Less than a screen at a time, and on only when older ones are drawn: so each of them must have been.
  let oldest = count;
  while (oldest > 1) {
    await alice.page.mouse.wheel(0, -400);
    oldest = await until(`something older than message ${oldest}`, async () => {
      const numbers = (await alice.texts()).map((text) => Number(text.replace("Message number ", "")));
      assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), "the messages stand in order");
      for (const number of numbers) seen.add(number);
      const now = Math.min(...numbers);
      if (now < oldest) return now;
      await alice.page.mouse.wheel(0, -400);
      return undefined;
    });
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((i) => !seen.has(i));
  assert.deepEqual(missing, []);
  await alice.shot("history-start");
  // Bounded: however far one scrolls, only what is in view is in the page.
  assert.ok((await alice.at("message").count()) < 300);
});

test("reading on keeps its place while new messages come", async () => {
  const first = alice.message("Message number 1").first();
  const before = await first.boundingBox();
  const conversation = bob.pushes.length >= 0 && directId(bob.user.id, (await bob.ask("find_users", { query: "alice" })).users[0].id);
  await bob.send(conversation, "A new one while reading the past");
  await alice.page.waitForTimeout(500);
  const now = await first.boundingBox();
  assert.ok(Math.abs(now.y - before.y) < 2, `moved by ${now.y - before.y}`);
  await alice.at("jump-to-newest").click();
  await alice.sees("A new one while reading the past");
});

test("search finds what was scrolled past, and leads there", async () => {
  await alice.at("search-button").click();
  await alice.at("search-input").fill("number 2717");
  await alice.at("search-hit").filter({ hasText: "Message number 2717" }).first().click();
  await alice.sees("Message number 2717");
});
