import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Front } from "../front.js";
import { World, password, until } from "../harness.js";
import { Line } from "../line.js";
import { Wire, directId } from "../wire.js";

const count = 5000;
const newest = `Message number ${count}`;
let world, front, alice, bob, conversation;

before(async () => {
  world = await World.open();
  front = await Front.before(world.relay);
  bob = await Wire.register(world.relay, "bob", "Bob", password);
  alice = await world.person("Alice", { line: front });
  const { users } = await bob.ask("find_users", { query: "alice" });
  conversation = directId(bob.user.id, users[0].id);
  const texts = Array.from({ length: count }, (_, i) => `Message number ${i + 1}`);
  await bob.sendMany(conversation, texts, { direct_with: users[0].id });
});
after(async () => {
  bob.close();
  await world.close();
  await front.close();
});

/**
 * Scrolls the list by some pixels (up is negative) and, two frames later, tells at once: the oldest message that is
 * drawn, the first one in sight, and where one stands that is asked for, in pixels from the upper edge of the list.
 */
async function scroll(person, by, anchor) {
  return await person.at("message-list").evaluate(
    async (list, [by, anchor]) => {
      list.scrollTop += by;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const rows = [...list.querySelectorAll("[data-seq]")];
      const top = list.getBoundingClientRect().top;
      const from = (row) => row.getBoundingClientRect().top - top;
      const seq = (row) => Number(row.dataset.seq);
      const hole = list.querySelector("[data-hole]");
      const row = rows.find((one) => seq(one) === anchor);
      return {
        oldest: seq(rows[0]),
        inSight: seq(rows.find((one) => from(one) >= 0)),
        place: row && from(row),
        hole: hole !== null && hole.getBoundingClientRect().bottom > top,
      };
    },
    [by, anchor],
  );
}

/** Whether a message stands where it stood; the browser rounds to whole pixels where it scrolls. */
const stands = (now, then, what) => assert.ok(Math.abs(now - then) <= 1, `${what}: at ${now} instead of ${then}`);

test("messages that the relay gives come in above without moving what is read", async (t) => {
  const slow = await Front.before(world.relay);
  t.after(() => slow.close());
  // Enough for the newest page, not for all that is fetched without being asked for.
  const some = 60_000;
  slow.hold(some);
  const reader = await world.visitor("Alice", { line: slow });
  await reader.login();
  await reader.openConversation("Bob");
  await reader.goToEnd(newest);
  for (let times = 0; times < 3; times += 1) {
    // The outline of what is not here comes into sight, and stays for as long as nothing is given.
    let seen = await scroll(reader, 0);
    for (let steps = 0; !seen.hole; steps += 1) {
      assert.ok(steps < 300, "there is something further up that is not here");
      seen = await scroll(reader, -150);
    }
    // Not the first one: it was the first of its group, which has more room above, and is so no more.
    const anchor = seen.inSight + 3;
    const { oldest, place } = await scroll(reader, 0, anchor);
    slow.release();
    const then = await until("older messages", async () => {
      const now = await scroll(reader, 0, anchor);
      return now.oldest < oldest && now;
    });
    slow.hold(some);
    stands(then.place, place, `message ${anchor}, when ${oldest - then.oldest} came in above`);
  }
  await reader.context.close();
});

test("messages that are held here come in above without moving what is read", async () => {
  await alice.openConversation("Bob");
  await alice.goToEnd(newest);
  let pages = 0;
  let { oldest, inSight: anchor } = await scroll(alice, 0);
  let { place } = await scroll(alice, 0, anchor);
  while (pages < 5) {
    const now = await scroll(alice, -70, anchor);
    // The anchor moved by what was scrolled, and by nothing that came in above it.
    stands(now.place, place + 70, `message ${anchor}, with ${oldest - now.oldest} more above`);
    if (now.oldest < oldest) pages += 1;
    ({ oldest, inSight: anchor } = now);
    ({ place } = await scroll(alice, 0, anchor));
  }
  await alice.goToEnd(newest);
});

test("five thousand messages scroll back without a hole, in order", async () => {
  const seen = new Set();
  for (const text of await alice.texts()) seen.add(Number(text.replace("Message number ", "")));
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

test("a jump into what is not held lands there, however long the relay takes", async () => {
  const line = await Line.to(world.relay.port);
  line.delay = 400;
  const carol = await world.visitor("Alice", { line });
  await carol.login();
  await carol.openConversation("Bob");
  const conversation = await carol.page.evaluate(() => location.hash.split("/")[2]);
  await carol.page.evaluate((id) => (location.hash = `#/c/${id}/m/1234`), conversation);
  await carol.sees("Message number 1234");
  // The rest of what was asked for has come too, and nothing moves any more.
  await until("no hole near it", async () => (await carol.at("hole").count()) === 0);
  assert.ok(await carol.message("Message number 1234").first().isVisible());
  const { y } = await carol.message("Message number 1234").first().boundingBox();
  assert.ok(y > 0 && y < 800, `it is at ${y} px`);
  line.close();
});

test("reading on keeps its place while new messages come", async () => {
  const { inSight } = await scroll(alice, 0);
  const { place } = await scroll(alice, 0, inSight);
  await bob.send(conversation, "A new one while reading the past");
  // The list and the button beneath the messages tell of it: the messages were drawn anew.
  await alice.at("conversation-row").filter({ hasText: "A new one while reading the past" }).waitFor();
  await alice.at("jump-to-newest").filter({ hasText: "1" }).waitFor();
  stands((await scroll(alice, 0, inSight)).place, place, `message ${inSight}`);
  await alice.at("jump-to-newest").click();
  await alice.sees("A new one while reading the past");
});

test("search finds what was scrolled past, and leads there", async () => {
  await alice.at("search-button").click();
  await alice.at("search-input").fill("number 2717");
  await alice.at("search-hit").filter({ hasText: "Message number 2717" }).first().click();
  await alice.sees("Message number 2717");
});

test("a reload fetches nothing anew of five thousand messages that are held here", async () => {
  const before = front.down;
  await alice.page.reload();
  await alice.sees("Message number 2717");
  // What came with the log-in is before what is sent now; and what is sent here comes after all that is asked for.
  await bob.send(conversation, "Sent after the reload");
  await alice.at("conversation-row").filter({ hasText: "Sent after the reload" }).waitFor();
  await alice.goToEnd("Sent after the reload");
  await alice.send("Answered after the reload");
  await until("nothing waits", async () => (await alice.page.locator('[data-pending="true"]').count()) === 0);
  const bytes = front.down - before;
  console.log(`# a reload: ${bytes} bytes by the socket`);
  assert.ok(bytes > 200 && bytes < 8 * 1024, `${bytes} bytes came by the socket`);
});
