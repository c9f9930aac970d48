import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";

let world, alice, bob;

before(async () => {
  world = await World.open();
  [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await alice.writeTo(bob);
  await alice.send("Dinner at seven");
});
after(async () => await world.close());

test("a message and an edit, both unfinished, survive a reload", async () => {
  const input = alice.at("composer-input");
  const holds = async (words) => await until(words, async () => (await input.inputValue()) === words);
  await input.fill("And bring the");
  await alice.message("Dinner at seven").first().click({ button: "right" });
  await alice.at("menu-edit").click();
  await holds("Dinner at seven");
  await input.fill("Dinner at eight");
  // At once: the page keeps it as it goes.
  await alice.page.reload();
  await holds("Dinner at eight");
  assert.equal(await alice.at("composer-bar").getAttribute("data-kind"), "edit");
  await input.press("Enter");
  await holds("And bring the");
  await bob.openConversation("Alice");
  await bob.sees("Dinner at eight");
  await alice.page.reload();
  await holds("And bring the");
  assert.equal(await alice.at("composer-bar").count(), 0);
});

test("leaving an edit leaves the message as it was and gives back what was being written", async () => {
  const input = alice.at("composer-input");
  await input.fill("");
  await input.press("ArrowUp");
  await until("the edit", async () => (await input.inputValue()) === "Dinner at eight");
  await input.fill("Dinner never");
  await input.press("Escape");
  await until("nothing", async () => (await input.inputValue()) === "");
  assert.equal(await alice.message("Dinner at eight").count(), 1);
});

test("what is pasted is text, with its lines", async () => {
  const input = alice.at("composer-input");
  await input.evaluate((field) => {
    const data = new DataTransfer();
    data.setData("text/html", "<b>bold</b>");
    data.setData("text/plain", "one\r\ntwo");
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  assert.equal(await input.inputValue(), "one\ntwo");
  await input.fill("");
});
