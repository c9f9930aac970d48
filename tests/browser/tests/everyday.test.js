// What people do around their messages: block, run a group, change their profile, hide, mute, and hear of what comes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World, password, until } from "../harness.js";
import { Wire, directId } from "../wire.js";

let world, alice, bob, carol;

before(async () => {
  world = await World.open();
  [alice, bob, carol] = [await world.person("Alice"), await world.person("Bob"), await world.person("Carol")];
  await alice.writeTo(bob);
  await alice.send("Good morning");
  await open(bob, "Alice");
  await bob.sees("Good morning");
});
after(async () => {
  const problems = world.people.flatMap((person) => person.problems);
  await world.close();
  assert.deepEqual(problems, []);
});

const details = async (person) => {
  await person.at("conversation-details").click();
  await person.at("details").waitFor();
};
/** The conversation's line: what is said in others may hold its title, too. */
const row = (person, title) =>
  person.at("conversation-row").filter({ has: person.page.locator("bdi", { hasText: new RegExp(`^${title}$`) }) }).first();
const open = async (person, title) => {
  await row(person, title).click();
  await person.shows(title);
};
/** Something out of the menu of a conversation's line. */
const fromMenu = async (person, title, name) => {
  await row(person, title).click({ button: "right" });
  await person.page.getByRole("menuitem", { name, exact: true }).click();
};
const state = (person, text) => person.message(text).first().getByTestId("message-state").getAttribute("data-state");
const settings = async (person) => {
  await person.at("menu-button").click();
  await person.at("menu-settings").click();
  await person.at("settings").waitFor();
};

test("a message counts as delivered first, and as read when it is looked at", async () => {
  await bob.writeTo(carol);
  await alice.send("For when you are back");
  await until("delivered", async () => (await state(alice, "For when you are back")) === "delivered");
  // What Bob's device has to say goes by one socket: nothing of having read came before this.
  await bob.send("A word to Carol");
  await row(carol, "Bob").filter({ hasText: "A word to Carol" }).waitFor();
  assert.equal(await state(alice, "For when you are back"), "delivered");
  await open(bob, "Alice");
  await bob.sees("For when you are back");
  await until("read", async () => (await state(alice, "For when you are back")) === "read");
});

test("what is refused says why, stays, and goes when it is tried again", async () => {
  await details(bob);
  await bob.at("block-button").click();
  await bob.at("confirm").click();
  await bob.at("details").getByText("You have blocked this person.").waitFor();

  await alice.send("Are you there?");
  const trouble = alice.message("Are you there?").first().getByTestId("message-trouble");
  await trouble.filter({ hasText: "Not sent." }).waitFor();
  assert.equal(await state(alice, "Are you there?"), "failed");
  await row(alice, "Bob").getByTestId("row-failed").waitFor();
  // It is still there for whoever comes back later.
  await alice.page.reload();
  await trouble.filter({ hasText: "Not sent." }).waitFor();
  assert.equal(await bob.message("Are you there?").count(), 0);

  await bob.at("block-button").click();
  await bob.at("details").getByText("You have blocked this person.").waitFor({ state: "detached" });
  await trouble.getByTestId("message-retry").click();
  await bob.sees("Are you there?");
  await trouble.waitFor({ state: "detached" });
  await row(alice, "Bob").getByTestId("row-failed").waitFor({ state: "detached" });
  assert.equal(await bob.message("Are you there?").count(), 1);
  await bob.at("details-close").click();
});

test("a group is renamed, gets an admin and another owner, and everybody sees it", async () => {
  await alice.at("menu-button").click();
  await alice.at("menu-new-group").click();
  for (const { name, username } of [bob, carol]) {
    await alice.at("people-search").fill(username);
    await alice.at("person").filter({ hasText: name }).first().click();
  }
  await alice.at("group-title").fill("Boat");
  await alice.at("group-create").click();
  await alice.shows("Boat");
  await open(bob, "Boat");
  await details(bob);
  assert.equal(await bob.at("group-rename").count(), 0, "a member may not");

  await details(alice);
  const member = (person, name) => person.at("member-row").filter({ hasText: name });
  const act = async (person, name, item) => {
    await member(person, name).getByTestId("member-menu").click();
    await person.page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  await alice.at("group-rename").click();
  await alice.at("group-title").fill("Harbour boat");
  await alice.at("confirm").click();
  for (const person of [alice, bob]) await person.shows("Harbour boat");
  await row(carol, "Harbour boat").waitFor();
  await bob.at("system-message").filter({ hasText: "Harbour boat" }).waitFor();

  await act(alice, "Bob", "Make admin");
  for (const person of [alice, bob]) await member(person, person === bob ? "You" : "Bob").getByTestId("member-role").filter({ hasText: "Admin" }).waitFor();
  await bob.at("group-rename").waitFor();

  await act(alice, "Bob", "Hand the group over");
  await alice.at("confirm").click();
  await member(alice, "Bob").getByTestId("member-role").filter({ hasText: "Owner" }).waitFor();
  await member(bob, "You").getByTestId("member-role").filter({ hasText: "Owner" }).waitFor();
  await member(bob, "Alice").getByTestId("member-role").filter({ hasText: "Admin" }).waitFor();
  // Now it is Bob who may: Alice may take nobody's role away any more.
  await act(bob, "Alice", "Take admin away");
  await member(alice, "You").getByTestId("member-role").waitFor({ state: "detached" });
  await alice.at("group-rename").waitFor({ state: "detached" });
  for (const person of [alice, bob]) await person.at("details-close").click();
});

test("another name of one's own is everybody's", async () => {
  await settings(carol);
  await carol.at("profile-name").fill("Carola Meer");
  await carol.at("profile-save").click();
  await row(bob, "Carola Meer").waitFor();
  await carol.page.reload();
  await until("it is kept", async () => (await carol.at("profile-name").inputValue()) === "Carola Meer");
});

test("who does not tell what they have read is not told of, and their own devices still know", async () => {
  await settings(alice);
  await alice.at("share-read").click();
  await until("it is off", async () => !(await alice.at("share-read").isChecked()));
  const phone = await Wire.login(world.relay, "alice", password);
  const conversation = directId(phone.user.id, (await phone.ask("find_users", { query: "bob" })).users[0].id);
  await open(bob, "Alice");
  await bob.send("Between us");
  await open(alice, "Bob");
  await alice.sees("Between us");
  // Her own devices are told, and so the relay knows when it tells Bob what comes next.
  await until("the phone knows", () => phone.pushes.some(({ push, body }) => push === "head" && body.head.conversation === conversation && body.head.read === body.head.seq));
  await alice.send("Not a word");
  await bob.sees("Not a word");
  assert.equal(await state(bob, "Between us"), "delivered");
  phone.close();
});

test("a hidden conversation is out of sight until it is shown again, or something new comes", async () => {
  await open(alice, "Bob");
  await fromMenu(alice, "Harbour boat", "Hide");
  await row(alice, "Harbour boat").waitFor({ state: "detached" });
  await alice.page.reload();
  await alice.at("list-show-hidden").click();
  await fromMenu(alice, "Harbour boat", "Show again");
  await alice.at("list-show-hidden").waitFor({ state: "detached" });
  await row(alice, "Harbour boat").waitFor();

  await fromMenu(alice, "Harbour boat", "Hide");
  // They are still being shown.
  await alice.at("list-show-hidden").click();
  await row(alice, "Harbour boat").waitFor({ state: "detached" });
  await open(carol, "Harbour boat");
  await carol.send("Something new");
  await row(alice, "Harbour boat").getByTestId("row-unread").waitFor();
});

test("a screen reader hears what comes, here and elsewhere", async () => {
  await open(alice, "Bob");
  const [elsewhere, here] = ["live-region", "conversation-live"].map((id) => alice.at(id));
  for (const region of [elsewhere, here]) assert.equal(await region.getAttribute("aria-live"), "polite");
  await carol.send("The tide is *early*");
  await elsewhere.filter({ hasText: "Carola Meer in Harbour boat: The tide is early" }).waitFor({ state: "attached" });
  await bob.send("Did you hear that?");
  await here.filter({ hasText: "Did you hear that?" }).waitFor({ state: "attached" });
  assert.doesNotMatch(await elsewhere.innerText(), /Did you hear that/, "once is enough");
  assert.doesNotMatch(await here.innerText(), /tide/);
});

test("a notification of the system tells who looks elsewhere, and nobody who is looking or has muted", async () => {
  const dora = await world.person("Dora", { permissions: ["notifications"] });
  await settings(dora);
  await dora.at("notices-on").click();
  await until("they are on", () => dora.at("notices-on").isChecked());
  await dora.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  /** What the service worker shows, the newest last. */
  const shown = () => dora.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`);
  });
  // What stands in the list has been thought about: the event that notices follow goes ahead of it.
  const comes = async (from, title, text) => {
    await from.send(text);
    await row(dora, title).filter({ hasText: text }).waitFor({ state: "attached" });
  };
  for (const person of [bob, carol]) await person.writeTo(dora);
  await comes(carol, "Carola Meer", "While you look");

  await fromMenu(dora, "Carola Meer", "Mute");
  await row(dora, "Carola Meer").getByTestId("row-muted").waitFor();

  const devtools = await dora.context.newCDPSession(dora.page);
  await devtools.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  await (await dora.context.newPage()).bringToFront();
  await until("the page is not looked at", () => dora.page.evaluate(() => !document.hasFocus()));
  await comes(carol, "Carola Meer", "While you do not want to hear of me");
  await comes(bob, "Bob", "While you look elsewhere");
  await until("a notification", async () => (await shown()).includes("Bob: While you look elsewhere"));
  assert.deepEqual(await shown(), ["Bob: While you look elsewhere"], "and none of what was looked at or muted");

  // What was read needs no notification.
  await open(dora, "Bob");
  await devtools.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await until("it is taken back", async () => (await shown()).length === 0);
});
