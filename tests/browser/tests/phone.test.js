// What phones take of the screen (cut-outs, bars, a keyboard over the page), and their back gesture.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { World, screenshots } from "../harness.js";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
let world, alice, bob;

before(async () => {
  world = await World.open();
  alice = await world.person("Alice", phone);
  bob = await world.person("Bob");
  await bob.writeTo(alice);
  for (let n = 1; n <= 30; n++) await bob.send(`line ${n}`);
});
after(() => world.close());

/** What can be touched or read and lies, unscrolled, where the system's own things are. */
async function covered(page, insets) {
  return await page.evaluate(async ({ top, right, bottom, left }) => {
    // Panes slide in.
    const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((one) => one.finished));
    const found = [];
    for (const element of document.querySelectorAll("button, a, input, textarea, h1, h2, [role=status]")) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || !element.checkVisibility()) continue;
      // What scrolls passes under the bars, as everywhere; it must be able to come out again.
      let scrolls = false;
      for (let up = element.parentElement; up; up = up.parentElement) {
        const { overflowY } = getComputedStyle(up);
        scrolls ||= (overflowY === "auto" || overflowY === "scroll") && up.scrollHeight > up.clientHeight;
      }
      const out = box.left < left - 0.5 || box.right > innerWidth - right + 0.5 || (!scrolls && (box.top < top - 0.5 || box.bottom > innerHeight - bottom + 0.5));
      const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (out && hit !== null && element.contains(hit)) found.push(`${element.tagName} ${element.dataset.testid ?? element.textContent} ${JSON.stringify(box)}`);
    }
    return found;
  }, insets);
}

async function everyScreen(page, look) {
  await alice.at("conversation-list").waitFor();
  await look("list");
  await alice.at("new-button").click();
  await alice.at("new-direct").waitFor();
  await look("people");
  await page.keyboard.press("Escape");
  await alice.openConversation("Bob");
  await look("conversation");
  await page.evaluate(() => (location.hash += "/details"));
  await alice.at("details").waitFor();
  await look("details");
  await page.evaluate(() => (location.hash = "#/settings"));
  await alice.at("settings").waitFor();
  await look("settings");
  await page.evaluate(() => (location.hash = "#/"));
}

test("nothing that is touched lies under a cut-out or a bar", async () => {
  const wire = await alice.context.newCDPSession(alice.page);
  for (const [size, insets] of [
    [phone.viewport, { top: 47, right: 0, bottom: 34, left: 0 }],
    [{ width: 844, height: 390 }, { top: 0, right: 47, bottom: 21, left: 47 }],
  ]) {
    await alice.page.setViewportSize(size);
    await wire.send("Emulation.setSafeAreaInsetsOverride", { insets });
    const seen = await alice.page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement("div"));
      probe.style.paddingBottom = "env(safe-area-inset-bottom)";
      const { paddingBottom } = getComputedStyle(probe);
      probe.remove();
      return paddingBottom;
    });
    assert.equal(seen, `${insets.bottom}px`, "the page is told of them");
    await everyScreen(alice.page, async (screen) => {
      if (screen === "conversation") await alice.page.screenshot({ path: join(screenshots, `phone-${size.width}.png`) });
      assert.deepEqual(await covered(alice.page, insets), [], `${screen} at ${size.width}`);
    });
  }
  await wire.send("Emulation.setSafeAreaInsetsOverride", { insets: {} });
  await alice.page.setViewportSize(phone.viewport);
});

test("a keyboard that is laid over the page leaves composer and newest message in sight", async () => {
  // Chromium makes the page smaller; this is what WebKit on iOS tells instead.
  await alice.page.addInitScript(() => {
    const viewport = Object.assign(new EventTarget(), { scale: 1, height: innerHeight, offsetTop: 0 });
    Object.defineProperty(window, "visualViewport", { value: viewport });
    window.setKeyboard = (height, scale = 1) => {
      Object.assign(viewport, { scale, height: innerHeight - height });
      viewport.dispatchEvent(new Event("resize"));
    };
  });
  await alice.page.reload();
  await alice.openConversation("Bob");
  // One's own message brings the newest into sight.
  await alice.send("mine");
  await alice.sees("mine");
  const bottoms = () =>
    alice.page.evaluate(() => {
      const bottom = (selector) => [...document.querySelectorAll(selector)].at(-1).getBoundingClientRect().bottom;
      return { composer: bottom('[data-testid="composer"]'), newest: bottom('[data-testid="message"]') };
    });
  const before = await bottoms();
  assert.ok(before.composer > 800 && before.newest <= before.composer, JSON.stringify(before));
  await alice.at("composer-input").focus();
  await alice.page.evaluate(() => window.setKeyboard(336));
  await alice.page.waitForFunction(() => document.querySelector('[data-testid="composer"]').getBoundingClientRect().bottom <= innerHeight - 336);
  await alice.page.waitForFunction(() => {
    const newest = [...document.querySelectorAll('[data-testid="message"]')].at(-1).getBoundingClientRect();
    return newest.bottom <= document.querySelector('[data-testid="composer"]').getBoundingClientRect().top + 1;
  });
  // Zoomed in with two fingers, one sees less of the page too, and nothing may move.
  await alice.page.evaluate(() => window.setKeyboard(0));
  await alice.page.evaluate(() => window.setKeyboard(400, 2));
  await alice.page.waitForFunction((composer) => document.querySelector('[data-testid="composer"]').getBoundingClientRect().bottom === composer, before.composer);
});

test("the back gesture closes what lies above the page before it leaves it", async () => {
  const back = () => alice.page.evaluate(() => window.confabBack());
  assert.equal(await back(), false, "nothing is open");
  await alice.at("message").last().click({ button: "right" });
  await alice.at("message-menu").waitFor();
  assert.equal(await back(), true);
  await alice.at("message-menu").waitFor({ state: "detached" });
  assert.equal(await back(), false);
  await alice.page.goBack();
  await alice.at("conversation-list").waitFor();
  await alice.at("new-button").click();
  await alice.at("new-direct").waitFor();
  assert.equal(await back(), true);
  await alice.at("new-direct").waitFor({ state: "detached" });
  await alice.at("menu-button").click();
  await alice.at("menu-settings").waitFor();
  assert.equal(await back(), true);
  await alice.at("menu-settings").waitFor({ state: "detached" });
  assert.equal(await back(), false);
  assert.deepEqual(alice.problems, []);
});
