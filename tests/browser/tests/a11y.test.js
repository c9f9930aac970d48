import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let world, alice, bob;

before(async () => {
  world = await World.open();
  [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await bob.writeTo(alice);
  await bob.send("Some **bold** words, `code`, https://example.org and\n> a quotation");
  await alice.openConversation("Bob");
  await alice.send("An answer");
  await alice.send("A mistake");
});
after(async () => await world.close());

const escape = (page) => page.keyboard.press("Escape");
const click = (id) => async (page) => await page.getByTestId(id).first().click();
const own = (item) => async (page) => {
  await page.getByTestId("message").filter({ hasText: "An answer" }).first().click({ button: "right" });
  await page.getByTestId(item ?? "message-menu").waitFor();
  if (item) await page.getByTestId(item).click();
};

/** Each screen: how one comes there, what tells that it is there, and how one leaves it. */
const screens = [
  ["conversation", async () => {}, "composer-input", async () => {}],
  ["message menu", own(), "message-menu", escape],
  ["who has read", own("menu-info"), "message-info", escape],
  ["deleting", own("menu-delete"), "delete-confirm", escape],
  ["editing", own("menu-edit"), "composer-bar", escape],
  ["emoji", click("composer-emoji"), "emoji-picker", escape],
  ["conversation's menu", click("conversation-menu"), "conversation-menu-open", escape],
  ["search here", click("conversation-search"), "in-search-input", escape],
  ["details", click("conversation-details"), "details", click("details-close")],
  ["search", async (page) => {
    await click("search-button")(page);
    await page.getByTestId("search-input").fill("bold");
    await page.getByTestId("search-hit").first().waitFor();
  }, "search-pane", escape],
  ["switcher", async (page) => await page.keyboard.press("Control+k"), "switcher-input", escape],
  ["new conversation", click("new-button"), "people-search", escape],
  ["new group", async (page) => {
    await click("menu-button")(page);
    await click("menu-new-group")(page);
  }, "group-title", escape],
  ["list", async () => {}, "conversation-list", async () => {}],
  ["settings", async (page) => {
    await click("menu-button")(page);
    await click("menu-settings")(page);
  }, "device", async (page) => await page.goBack()],
];

async function violations(page, where) {
  // Over CDP's evaluation, so that the page's policy holds for the page.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    // Half faded in, every colour is wrong.
    for (const one of document.getAnimations()) if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
    const { violations } = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "landmark-one-main": { enabled: true } },
    });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ")}`);
  });
  return found.map((one) => `${where}: ${one}`);
}

for (const [name, width] of [["wide", 1180], ["narrow", 390]]) {
  test(`every screen passes the accessibility rules, ${name}`, async () => {
    const { page } = alice;
    const found = [];
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 800 });
      for (const [screen, enter, there, leave] of screens) {
        const onList = ["list", "search", "switcher", "new conversation", "new group", "settings"].includes(screen);
        const inside = await page.evaluate(() => location.hash.startsWith("#/c/"));
        if (width < 720 && onList && inside) await alice.at("conversation-back").click();
        if (!onList && !inside) await alice.openConversation("Bob");
        await enter(page);
        await alice.at(there).first().waitFor();
        found.push(...(await violations(page, `${scheme}, ${screen}`)));
        await leave(page);
        if (!["conversation", "list"].includes(screen)) await alice.at(there).first().waitFor({ state: "hidden" });
      }
    }
    assert.deepEqual([...new Set(found)], []);
  });
}

test("the first screens pass the accessibility rules", async () => {
  const carol = await world.visitor("Carol");
  const found = [];
  for (const scheme of ["light", "dark"]) {
    await carol.page.emulateMedia({ colorScheme: scheme });
    await carol.at("auth-screen").waitFor();
    for (let form = 0; form < 2; form += 1) {
      await carol.at("auth-submit").click();
      found.push(...(await violations(carol.page, `${scheme}, form ${form}, with its mistakes`)));
      await carol.at("auth-switch").click();
    }
  }
  assert.deepEqual([...new Set(found)], []);
});

test("a screen reader hears what comes, here and elsewhere, once each", async () => {
  const carol = await world.person("Carola");
  await alice.page.setViewportSize({ width: 1180, height: 800 });
  if (!(await alice.at("composer-input").isVisible())) await alice.openConversation("Bob");
  await bob.send("Heard **here**");
  await until("it is told", async () => /Bob: Heard here/.test(await alice.at("conversation-live").innerText()));
  await carol.writeTo(alice);
  await carol.send("Heard elsewhere");
  await until("it is told", async () => /Carola: Heard elsewhere/.test(await alice.at("live-region").innerText()));
  assert.doesNotMatch(await alice.at("conversation-live").innerText(), /elsewhere/);
  for (const region of ["conversation-live", "live-region"]) assert.equal(await alice.at(region).getAttribute("aria-live"), "polite");
});

test("an emoji is found, chosen and put by keys alone", async () => {
  const { keyboard } = alice.page;
  await alice.at("composer-emoji").focus();
  await keyboard.press("Enter");
  await alice.at("emoji-search").waitFor();
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowRight");
  const second = await alice.page.evaluate(() => document.activeElement.dataset.emoji);
  assert.ok(second);
  await keyboard.press("Enter");
  await until("it stands there", async () => (await alice.at("composer-input").inputValue()) === second);
  assert.equal(await alice.at("emoji-picker").count(), 0);
  assert.equal(await alice.page.evaluate(() => document.activeElement.dataset.testid), "composer-input");
});
