import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, password, until } from "../harness.js";
import { Wire, directId, uuid7 } from "../wire.js";

const zalgo = "Z\u0363\u035c\u0321\u0489\u0334\u0335\u0336a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309l\u030a\u030b\u030c\u030d\u030e\u030f\u0310\u0311g\u0312\u0313\u0314\u0315\u031a\u031bo".normalize("NFC");
const texts = [
  "W".repeat(400),
  `https://example.org/${"very-long-path/".repeat(20)}`,
  "مرحبا بالعالم، هذه رسالة طويلة باللغة العربية لاختبار الاتجاه",
  "left \u202eright to left, never closed",
  "\u2067isolated and never closed",
  `${zalgo} `.repeat(12),
  "```\n" + "a line of code that is much wider than any telephone would ever be, with no end in sight\n".repeat(3) + "```",
  "> " + "quoted".repeat(80),
  "1. " + "x".repeat(300),
  "👨‍👩‍👧‍👦".repeat(60),
];
const strange = `${"N".repeat(30)}\u202e ${zalgo}`.slice(0, 60);
let world, alice, wire, conversation;

before(async () => {
  world = await World.open();
  wire = await Wire.register(world.relay, "strange", strange, password);
  alice = await world.person("Alice");
  const { users } = await wire.ask("find_users", { query: "alice" });
  const group = uuid7();
  await wire.ask("create_group", { command: uuid7(), conversation: group, title: `${"G".repeat(60)} ${zalgo}`.slice(0, 100), members: [users[0].id] });
  for (const text of texts) await wire.send(group, text);
  conversation = directId(wire.user.id, users[0].id);
  for (const text of texts) await wire.send(conversation, text, { direct_with: users[0].id });
  await until("both conversations", async () => (await alice.at("conversation-row").count()) === 2);
});
after(async () => {
  wire.close();
  await world.close();
});

/** What sticks out of the window sideways, or lies over a neighbour in the list of messages. */
async function faults(page) {
  return await page.evaluate(() => {
    const found = [];
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over > 0) found.push(`the page is ${over} px too wide`);
    const clipped = (element) => {
      for (let up = element.parentElement; up; up = up.parentElement) {
        const { overflowX } = getComputedStyle(up);
        if (overflowX !== "visible" && up.getBoundingClientRect().right <= innerWidth + 0.5) return true;
      }
      return false;
    };
    for (const element of document.querySelectorAll("main *, nav *, header *, aside *")) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || getComputedStyle(element).position === "fixed") continue;
      if ((box.right > innerWidth + 0.5 || box.left < -0.5) && !clipped(element)) {
        found.push(`${element.tagName} .${element.className} from ${box.left} to ${box.right}`);
      }
    }
    const bubbles = [...document.querySelectorAll('[data-testid="message"]')].map((bubble) => bubble.getBoundingClientRect());
    bubbles.slice(1).forEach((box, place) => {
      if (box.top < bubbles[place].bottom - 0.5) found.push(`message ${place + 1} lies over the one before it`);
    });
    return found.slice(0, 5);
  });
}

/** The list, both conversations from end to end, and the details. */
async function walk(width, zoom) {
  const { page } = alice;
  await page.setViewportSize({ width, height: 640 });
  await page.evaluate((size) => (document.documentElement.style.fontSize = size), zoom);
  const seen = [];
  const look = async (where) => {
    // Two frames: what depends on sizes is laid out by then.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const fault of await faults(page)) seen.push(`${width} px, ${zoom}, ${where}: ${fault}`);
  };
  await page.evaluate(() => (location.hash = "#/"));
  await alice.at("conversation-row").first().waitFor();
  await look("list");
  for (const place of [0, 1]) {
    await page.evaluate(() => (location.hash = "#/"));
    await alice.at("conversation-row").nth(place).click();
    await alice.at("composer-input").waitFor();
    await alice.at("message").first().waitFor();
    await look("conversation");
    if (place === 0) await alice.shot(`strange-${width}-${zoom.replace("%", "")}`);
    await alice.at("message-list").evaluate((list) => (list.scrollTop = 0));
    await look("conversation, at its beginning");
    const composer = await alice.at("composer-input").boundingBox();
    if (composer.width < 100 || composer.y + composer.height > 640) seen.push(`${width} px, ${zoom}: the composer is out of sight`);
    const title = await alice.at("conversation-title").boundingBox();
    if (title.width < 60) seen.push(`${width} px, ${zoom}: the title has ${title.width} px`);
    const widest = await alice.at("message").evaluateAll((all) => Math.max(...all.map((bubble) => bubble.offsetWidth)));
    if (width < 400 && widest < width * 0.6) seen.push(`${width} px, ${zoom}: no bubble is wider than ${widest} px`);
    await alice.at("conversation-details").click();
    await alice.at("details").waitFor();
    await look("details");
  }
  return seen;
}

test("strange names and texts break no screen, from 320 px up", async () => {
  const seen = [];
  for (const width of [320, 390, 768, 1440]) seen.push(...(await walk(width, "100%")));
  assert.deepEqual(seen, []);
});

test("with text twice as large everything can still be reached", async () => {
  const seen = [];
  for (const width of [390, 1280]) seen.push(...(await walk(width, "200%")));
  assert.deepEqual(seen, []);
  await alice.page.evaluate(() => (document.documentElement.style.fontSize = ""));
});

test("a text that turns the direction round does not turn its neighbours", async () => {
  await alice.page.setViewportSize({ width: 1180, height: 800 });
  const title = alice.at("conversation-title");
  await title.waitFor();
  for (const body of await alice.at("message-body").all()) {
    assert.equal(await body.evaluate((element) => getComputedStyle(element).unicodeBidi), "isolate");
  }
  assert.equal(await title.evaluate((element) => element.tagName), "BDI");
});
