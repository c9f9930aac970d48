// A real keychain (GNOME's): used without a question, locked, changed, gone. Each is said, and nothing is lost.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { password, World } from "../../browser/harness.js";
import { startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";
import { Keychain } from "../services.js";

let world, desktop, keychain, folder, ada, clara;

before(async () => {
  world = await World.open();
  desktop = await startDesktop({ notifications: false });
  keychain = new Keychain(desktop);
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  ada = new DesktopPerson(desktop, join(folder, "ada"), "Ada");
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  keychain?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const reopen = async () => {
  await ada.app.close();
  await ada.open();
};

/** Clara writes, and Ada has it: the account is connected. */
async function connected(text) {
  await clara.send(text);
  await ada.app.find("conversation-row", text);
}

/** What was loaded is there to read whatever the keychain does. */
async function reads(text) {
  await ada.app.find("conversation-row", text);
}

const place = () => JSON.parse(readFileSync(join(ada.folder, "secrets.json"), "utf8")).place;

test("with a keychain nobody is asked, and the key is in it and nowhere else", async () => {
  await keychain.start();
  await ada.open();
  await ada.register(world.relay.url);
  assert.equal(await ada.app.has("secrets"), false);
  assert.equal(place(), "keychain");
  assert.equal(existsSync(join(ada.folder, "secrets.key")), false);
  clara = await world.person("Clara");
  await clara.writeTo({ username: "ada", name: "Ada" });
  await connected("one");
  await reopen();
  await connected("two");
});

test("a locked keychain is said, one reads meanwhile, and once it is open asking again connects", async () => {
  keychain.lock();
  await reopen();
  await ada.app.find("secrets", "keychain is locked");
  await ada.app.shot("desktop-keychain-locked");
  await reads("two");
  await keychain.stop();
  await keychain.start();
  await ada.app.click("secrets-retry");
  await until("the question is gone", async () => !(await ada.app.has("secrets")));
  await connected("three");
});

test("a keychain that is gone is said, and comes back without a loss", async () => {
  await keychain.stop();
  await reopen();
  await ada.app.find("secrets", "offers no keychain");
  await reads("three");
  // Put off, it stays in sight.
  await ada.app.script("[...document.querySelectorAll('[data-testid=secrets] button')].find((b) => b.textContent === 'Not now').click()");
  await ada.app.find("secrets-line");
  await keychain.start();
  await reopen();
  await connected("four");
  assert.equal(place(), "keychain");
});

test("another keychain is said; beginning anew costs a password and nothing that is on the device", async () => {
  await keychain.stop();
  keychain.forget();
  await keychain.start();
  await reopen();
  await ada.app.find("secrets", "no longer holds Confab's key");
  await ada.app.shot("desktop-keychain-changed");
  await reads("four");
  await ada.app.click("secrets-retry");
  await ada.app.find("login-needed");
  await ada.app.type("auth-password", password);
  await ada.app.click("auth-submit");
  await connected("five");
  await reopen();
  await connected("six");
  assert.equal(place(), "keychain");
});

test("a file instead is the person's choice, and the way back to the keychain is open", async () => {
  await keychain.stop();
  await reopen();
  await ada.app.click("secrets-file");
  await until("the question is gone", async () => !(await ada.app.has("secrets")));
  const sealed = () => existsSync(join(ada.folder, "secrets.json.sealed-1"));
  assert.ok(sealed(), "what only the keychain opens is kept");
  await ada.app.find("login-needed");
  await ada.app.type("auth-password", password);
  await ada.app.click("auth-submit");
  await connected("seven");
  assert.equal(place(), "file");
  assert.ok(!sealed(), "until it is of no use any more");
  await keychain.start();
  await ada.app.keys(",", { ctrl: true });
  await ada.app.find("device-settings", "kept in a file");
  await ada.app.script("[...document.querySelectorAll('[data-testid=device-settings] button')].find((b) => b.textContent.includes('keychain')).click()");
  await ada.app.find("device-settings", "kept in the system's keychain");
  assert.equal(place(), "keychain");
  await reopen();
  await connected("eight");
});
