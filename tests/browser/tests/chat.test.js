import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, until } from "../harness.js";

let world, alice, bob, carol;

before(async () => {
  world = await World.open();
  [alice, bob, carol] = [await world.person("Alice"), await world.person("Bob"), await world.person("Carol")];
});
after(async () => {
  const problems = world.people.flatMap((person) => person.problems);
  await world.close();
  assert.deepEqual(problems, []);
});

test("two people chat both ways", async () => {
  await alice.writeTo(bob);
  await alice.send("Hello Bob");
  await bob.at("conversation-row").filter({ hasText: "Alice" }).waitFor();
  assert.equal(await bob.at("row-unread").first().innerText(), "1");
  await bob.openConversation("Alice");
  await bob.sees("Hello Bob");
  await bob.send("Hello Alice");
  await alice.sees("Hello Alice");
  await bob.sees("Hello Alice");
  assert.deepEqual(await alice.texts(), ["Hello Bob", "Hello Alice"]);
  assert.deepEqual(await bob.texts(), ["Hello Bob", "Hello Alice"]);
});

test("the sender sees that a message was read", async () => {
  await alice.send("Have you seen this?");
  await bob.sees("Have you seen this?");
  const state = alice.message("Have you seen this?").getByTestId("message-state");
  await until("the read mark", async () => /read/i.test((await state.getAttribute("aria-label")) ?? (await state.innerText())));
});

test("typing appears and vanishes", async () => {
  await bob.at("composer-input").pressSequentially("I am wri");
  await until("typing", async () => /Bob/.test(await alice.at("typing-line").first().innerText().catch(() => "")) ||
    /typing/i.test(await alice.at("conversation-status").innerText().catch(() => "")));
  await bob.at("composer-input").fill("");
  await until("no typing", async () => !/typing/i.test(
    (await alice.at("typing-line").first().innerText().catch(() => "")) + (await alice.at("conversation-status").innerText())));
});

test("presence vanishes with the last device and comes back", async () => {
  await until("online", async () => /online/i.test(await alice.at("conversation-status").innerText()));
  await bob.page.close();
  await until("offline", async () => !/online/i.test(await alice.at("conversation-status").innerText()), 60_000);
  await bob.open();
  await bob.at("shell").waitFor();
  await until("online again", async () => /online/i.test(await alice.at("conversation-status").innerText()));
});

test("edit, delete, react and reply reach the other side", async () => {
  await bob.openConversation("Alice");
  await bob.sees("Hello Bob");
  const menu = async (person, text, item) => {
    await person.message(text).first().click({ button: "right" });
    await person.at(item).click();
  };
  await menu(alice, "Hello Bob", "menu-edit");
  await alice.at("composer-input").fill("Hello dear Bob");
  await alice.at("composer-send").click();
  await bob.sees("Hello dear Bob");

  await menu(bob, "Hello dear Bob", "menu-reply");
  await bob.send("This is my answer");
  await alice.sees("This is my answer");
  assert.match(await alice.message("This is my answer").first().getByTestId("reply-quote").innerText(), /Hello dear Bob/);

  await alice.send("A mistake");
  await bob.sees("A mistake");
  await menu(alice, "A mistake", "menu-delete");
  await alice.at("delete-confirm").click();
  await until("the tombstone", async () => (await bob.message("A mistake").count()) === 0);
  await bob.at("message-deleted").first().waitFor();

  await alice.message("This is my answer").first().click({ button: "right" });
  await alice.at("message-menu").getByText("👍").first().click();
  await bob.at("reaction").filter({ hasText: "👍" }).first().waitFor();
});

test("a third is added to a group and reads its history", async () => {
  await alice.at("menu-button").click();
  await alice.at("menu-new-group").click();
  await alice.at("people-search").fill("bob");
  await alice.at("person").filter({ hasText: "Bob" }).first().click();
  await alice.at("group-title").fill("Harbour walk");
  await alice.at("group-create").click();
  await alice.shows("Harbour walk");
  await alice.send("Who brings the bread?");
  await bob.openConversation("Harbour walk");
  await bob.sees("Who brings the bread?");
  assert.equal(await carol.at("conversation-row").count(), 0);

  await alice.at("conversation-details").click();
  await alice.at("group-add").click();
  await alice.at("people-search").fill("carol");
  await alice.at("person").filter({ hasText: "Carol" }).first().click();
  await alice.at("group-create").click();
  await carol.openConversation("Harbour walk");
  await carol.sees("Who brings the bread?");
  await carol.send("I do");
  await bob.sees("I do");
  await bob.at("system-message").filter({ hasText: "Carol" }).first().waitFor();
});

test("a removed member keeps what they had and gets nothing new", async () => {
  await alice.at("member-row").filter({ hasText: "Carol" }).getByTestId("member-menu").click();
  await alice.page.getByRole("menuitem", { name: /remove/i }).click();
  const confirm = alice.page.getByRole("dialog").getByRole("button", { name: /remove/i });
  if (await confirm.isVisible().catch(() => false)) await confirm.click();
  await carol.at("composer-disabled").waitFor();
  await alice.send("Only for those who are still here");
  await bob.sees("Only for those who are still here");
  await carol.sees("Who brings the bread?");
  assert.equal(await carol.message("Only for those").count(), 0);
});

test("a draft survives a reload", async () => {
  await bob.at("conversation-row").filter({ hasText: "Alice" }).filter({ hasNotText: "Harbour walk" }).first().click();
  await bob.shows("Alice");
  await bob.at("composer-input").fill("Not finished yet");
  await bob.page.reload();
  await bob.at("composer-input").waitFor();
  await until("the draft", async () => (await bob.at("composer-input").inputValue()) === "Not finished yet");
});
