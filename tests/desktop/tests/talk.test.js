// Two desktop apps and one browser talk; the app is killed while offline; the notification is on the bus; links; accounts.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { World } from "../../browser/harness.js";
import { binary, startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";

let world, desktop, folder, ada, bert, clara;

before(async () => {
  world = await World.open();
  desktop = await startDesktop();
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
});

after(async () => {
  for (const person of [ada, bert]) await person?.app?.close();
  await desktop?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A second start, as the system does it. */
const startAgain = (person, ...args) =>
  spawnSync(binary, args, { env: { ...desktop.env, CONFAB_DATA: person.folder }, timeout: 20_000 });

test("the first start without a keychain asks, then for a relay, then lets one in; the data is for its owner alone", async () => {
  ada = await DesktopPerson.first(desktop, join(folder, "ada"), "Ada", world.relay.url);
  for (const name of ["", "accounts", "accounts/1"]) assert.equal(statSync(join(folder, "ada", name)).mode & 0o777, 0o700, name);
  assert.equal(statSync(join(folder, "ada", "secrets.key")).mode & 0o777, 0o600);
  bert = await DesktopPerson.first(desktop, join(folder, "bert"), "Bert", world.relay.url);
});

test("two desktop apps and a browser talk in all directions", async () => {
  clara = await world.person("Clara");
  await ada.writeTo("Bert");
  await ada.send("hello Bert, from a window");
  await bert.openConversation("Ada");
  await bert.sees("hello Bert, from a window");
  await bert.send("hello Ada");
  await ada.sees("hello Ada");
  await clara.writeTo({ username: "ada", name: "Ada" });
  await clara.send("hello from a browser");
  await ada.openConversation("Clara");
  await ada.sees("hello from a browser");
  await ada.send("hello browser");
  await clara.sees("hello browser");
  await ada.app.shot("desktop-talk");
});

test("a message for an app that nobody looks at is notified of on the bus", async () => {
  await clara.send("are you there, <b>Ada</b>?");
  await bert.app.script("window.focus()");
  await until("the notification is on the bus", () => desktop.notes().includes("are you there"));
  const said = desktop.notes();
  assert.match(said, /string "Clara"/);
  assert.doesNotMatch(said, /string "are you there, <b>Ada/, "what somebody wrote is no markup");
});

test("what was written offline survives kill -9 of the app and arrives once and in order", async () => {
  await bert.openConversation("Ada");
  await world.relay.stop();
  await bert.app.find("status-connection");
  for (const text of ["one, offline", "two, offline", "three, offline"]) await bert.send(text);
  bert.app.kill();
  await bert.app.close();
  await bert.open();
  await bert.openConversation("Ada");
  await bert.sees("three, offline");
  await world.relay.start();
  await ada.openConversation("Bert");
  await ada.sees("three, offline");
  const got = (await ada.bodies()).filter((text) => text.includes("offline"));
  assert.deepEqual(got, ["one, offline", "two, offline", "three, offline"]);
});

test("a second start ends at once and hands its link to the first, which opens the conversation", async () => {
  const clarasTalk = await ada.app.script("return [...document.querySelectorAll('[data-testid=conversation-row]')].find((e) => e.textContent.includes('Clara')).dataset.id");
  const again = startAgain(ada);
  assert.equal(again.status, 0, String(again.stderr));
  const host = new URL(world.relay.url).host;
  const linked = startAgain(ada, `confab://${host}/c/${clarasTalk}?plain`);
  assert.equal(linked.status, 0, String(linked.stderr));
  await ada.app.find("conversation-title", "Clara");
});

test("a second account stands beside the first, each with its own messages", async () => {
  await ada.app.click("menu-button");
  await ada.app.click("account-rail-add");
  const other = new DesktopPerson(desktop, ada.folder, "Adele");
  other.app = ada.app;
  await other.register(world.relay.url);
  await ada.app.find("account-rail");
  assert.equal((await ada.app.text("account-rail-account")).length, 2);
  await ada.app.find("list-empty");
  await bert.writeTo("Adele");
  await bert.send("hello Adele");
  await ada.app.find("conversation-row", "Bert");
  await ada.app.shot("desktop-accounts");
  await ada.app.script("document.querySelectorAll('[data-testid=account-rail-account]')[0].click()");
  await ada.app.find("conversation-row", "Clara");
});
