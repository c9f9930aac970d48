// What can befall the data: a full disk, a database of another version, a damaged one. It is said, and nothing is lost.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync, closeSync, readSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { World } from "../../browser/harness.js";
import { startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";

let world, desktop, folder, ada, clara, preload;

before(async () => {
  world = await World.open();
  desktop = await startDesktop();
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  preload = join(folder, "full.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", preload, fileURLToPath(new URL("../full.c", import.meta.url)), "-ldl"]);
  ada = new DesktopPerson(desktop, join(folder, "ada"), "Ada");
  await ada.open({ env: { LD_PRELOAD: preload } });
  await ada.agree();
  await ada.register(world.relay.url);
  clara = await world.person("Clara");
  await clara.writeTo({ username: "ada", name: "Ada" });
  await clara.send("hello");
  await ada.openConversation("Clara");
  await ada.sees("hello");
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const database = () => join(ada.folder, "accounts", "1", "confab.db");
const said = (words) => until(`it says '${words}'`, () => ada.app.script("return document.body.innerText.includes(arguments[0])", words));

test("a full disk is said, what was typed stays typed, and with room everything goes on", async () => {
  const full = `${ada.folder}.full`;
  writeFileSync(full, "");
  await ada.app.type("composer-input", "written on a full disk");
  await ada.app.click("composer-send");
  await said("Free some space");
  await ada.app.shot("desktop-full-disk");
  assert.equal(await ada.app.script("return document.querySelector('[data-testid=composer-input]').value"), "written on a full disk");
  // What is on the device can be read, and what comes meanwhile is not lost.
  await ada.sees("hello");
  await clara.send("while there is no room");
  assert.equal(await clara.message("written on a full disk").count(), 0);
  rmSync(full);
  await ada.app.click("composer-send");
  await until("it was taken", () => ada.app.script("return document.querySelector('[data-testid=composer-input]').value === ''"));
  await clara.sees("written on a full disk");
  await ada.sees("while there is no room");
  assert.equal(await clara.message("written on a full disk").count(), 1);
});

test("a first start on a full disk says so and does not pretend", async () => {
  const other = new DesktopPerson(desktop, join(folder, "other"), "Other");
  writeFileSync(`${other.folder}.full`, "");
  await other.open({ env: { LD_PRELOAD: preload } });
  await other.app.click("secrets-file");
  await other.app.find("secrets", "No space left");
  await other.app.shot("desktop-full-disk-first-start");
  rmSync(`${other.folder}.full`);
  await other.agree();
  await other.app.close();
});

test("a database of a newer version is refused in words and left as it is; then the right version goes on", async () => {
  // In good order, so that all is in the one file.
  await ada.quit();
  const version = (number) => {
    const file = openSync(database(), "r+");
    const before = Buffer.alloc(4);
    readSync(file, before, 0, 4, 60);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    // `user_version` of SQLite's file format, section 1.3.
    writeSync(file, bytes, 0, 4, 60);
    closeSync(file);
    return before.readUInt32BE();
  };
  const right = version(1_000_000);
  const before = readFileSync(database());
  await ada.open();
  await ada.app.find("account-broken", "newer version");
  await ada.app.find("account-broken", "Nothing was deleted");
  await ada.app.shot("desktop-newer-database");
  await ada.app.close();
  assert.ok(before.equals(readFileSync(database())));
  version(right);
  await ada.open();
  await ada.openConversation("Clara");
  await ada.sees("written on a full disk");
});

test("a damaged database is set aside, said, and what waits to be sent is sent", async () => {
  await world.relay.stop();
  await ada.app.find("status-connection");
  await ada.send("written before the damage");
  await ada.quit();
  const bytes = readFileSync(database());
  // The first page is the schema: without it SQLite calls it no database. The pages behind it are what can be rescued.
  const pages = Array.from({ length: Math.floor(bytes.length / 4096) - 1 }, (_, page) => (page + 1) * 4096);
  const hit = pages.filter((at) => bytes.subarray(at, at + 4096).includes("while there is no room") && !bytes.subarray(at, at + 4096).includes("before the damage"));
  assert.ok(hit.length > 0, "there is such a page");
  for (const at of hit) bytes.fill(0xff, at, at + 4096);
  writeFileSync(database(), bytes);
  await ada.open();
  await ada.app.click("conversation-row", "Clara");
  await said("has been set aside");
  await ada.app.shot("desktop-damaged-database");
  await world.relay.start();
  await clara.sees("written before the damage");
  assert.equal(await clara.message("written before the damage").count(), 1);
  await ada.openConversation("Clara");
  await ada.sees("while there is no room");
  assert.ok(readdirSync(join(ada.folder, "accounts", "1")).some((name) => name.startsWith("confab.db.damaged")));
});

test("a file that is no database any more is set aside and said; logging in brings back what the relay holds", async () => {
  await ada.quit();
  writeFileSync(database(), Buffer.alloc(64 * 1024, "this is no database "));
  await ada.open();
  await said("has been set aside");
  await ada.app.shot("desktop-no-database");
  const asides = () => readdirSync(join(ada.folder, "accounts", "1")).filter((name) => name.startsWith("confab.db.damaged"));
  const before = asides();
  assert.ok(before.length >= 2, String(before));
  // Nobody is logged in any more, and still nothing of it goes.
  await ada.quit();
  await ada.open();
  await ada.app.find("auth-screen");
  assert.deepEqual(asides(), before);
  await ada.login();
  await ada.openConversation("Clara");
  await ada.sees("written before the damage");
});
