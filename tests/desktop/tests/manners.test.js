// What people expect of an app on their desktop: the tray, starting at login, the window where it was, the size of everything.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { World } from "../../browser/harness.js";
import { appsOf, binary, startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";
import { Manager, TrayHost } from "../services.js";

let world, desktop, manager, tray, folder, home, ada, clara;

before(async () => {
  world = await World.open();
  desktop = await startDesktop();
  manager = await Manager.start(desktop);
  tray = await TrayHost.start(desktop);
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  home = join(folder, "home");
  mkdirSync(home);
  ada = new DesktopPerson(desktop, join(folder, "ada"), "Ada");
  await open();
  await ada.agree();
  await ada.register(world.relay.url);
  clara = await world.person("Clara");
  await clara.writeTo({ username: "ada", name: "Ada" });
  await clara.send("hello");
  await ada.app.find("conversation-row", "hello");
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ HOME: home, XDG_CONFIG_HOME: join(home, ".config") });
const open = () => ada.open({ env: env() });
const ended = () => until("the app has ended", () => appsOf(ada.folder).length === 0);

async function reopen() {
  await ada.app.close();
  await open();
  await ada.app.find("shell");
}

const icon = async () => await until("the icon is in the tray", () => tray.items()[0]);
const startAgain = () => spawnSync(binary, [], { env: { ...desktop.env, ...env(), CONFAB_DATA: ada.folder }, timeout: 20_000 });

test("the tray says that something is unread until it is read", async () => {
  const item = await icon();
  const drawn = () => readFileSync(tray.property(item, "IconName")).toString("base64");
  // Which icon is the mark is known only once the app has drawn what it counts: the icon of its start may stand until then.
  await until("it is counted", async () => (await ada.app.unread()) === 1);
  let last;
  let seen = 0;
  const unread = await until("the mark stays", () => {
    const now = drawn();
    seen = now === last ? seen + 1 : 0;
    last = now;
    return seen === 20 && now;
  });
  await ada.openConversation("Clara");
  await ada.sees("hello");
  const plain = await until("the mark is gone", () => [drawn()].find((one) => one !== unread));
  await ada.app.keys(",", { ctrl: true });
  await clara.send("hello again");
  await until("the mark is there again", () => drawn() === unread);
  await ada.openConversation("Clara");
  await until("the mark is gone again", () => drawn() === plain);
});

test("closing leaves the app in the tray, where messages go on coming, and it comes back", async () => {
  await manager.close();
  await manager.gone();
  await clara.send("are you in the tray?");
  await until("it is notified of", () => desktop.notes().includes("are you in the tray?"));
  assert.equal(startAgain().status, 0);
  await manager.shown();
  await ada.app.find("conversation-row", "are you in the tray?");

  await manager.close();
  await manager.gone();
  tray.choose(await icon(), "Open Confab");
  await manager.shown();
});

test("whoever does not want that ends it by closing", async () => {
  await ada.app.keys(",", { ctrl: true });
  await ada.app.click("device-close-to-tray");
  await manager.close();
  await ended();
  await reopen();
  await ada.app.keys(",", { ctrl: true });
  await ada.app.click("device-close-to-tray");
  await manager.close();
  await manager.gone();
  // From the tray it can be ended for good.
  tray.choose(await icon(), "Quit");
  await ended();
  await ada.app.close();
  await open();
  await ada.app.find("shell");
});

test("start at login is what the system is told, and such a start stays in the tray", async () => {
  const entry = join(home, ".config", "autostart", "Confab.desktop");
  await ada.app.keys(",", { ctrl: true });
  await ada.app.find("device-autostart");
  assert.equal(existsSync(entry), false);
  await ada.app.click("device-autostart");
  const said = await until("the system knows", () => existsSync(entry) && readFileSync(entry, "utf8"));
  assert.match(said, new RegExp(`^Exec="?${binary}"? --hidden$`, "m"));
  // Without the program, as when it was uninstalled, a desktop passes over the entry.
  await until("it outlives no package", () => readFileSync(entry, "utf8").split("\n").includes(`TryExec=${binary}`));
  await ada.app.click("device-autostart");
  await until("the system knows", () => !existsSync(entry));
  await ada.quit();
  await ada.open({ env: env(), args: ["--hidden"] });
  await ada.app.find("shell");
  assert.equal(manager.window(), "");
  tray.choose(await icon(), "Open Confab");
  await manager.shown();
});

const samePlace = (place) => until("it is there again", () => JSON.stringify(manager.place()) === JSON.stringify(place));

async function putAt(x, y, width, height) {
  const window = await manager.shown();
  manager.tool("windowsize", "--sync", window, String(width), String(height));
  manager.tool("windowmove", "--sync", window, String(x), String(y));
  return await until("it is there", () => [manager.place()].find(({ WIDTH, X }) => WIDTH === width && Math.abs(X - x) < 20));
}

test("the window is where it was and as large as it was", async () => {
  const before = await putAt(140, 90, 900, 640);
  await ada.quit();
  await open();
  await ada.app.find("shell");
  await manager.shown();
  await samePlace(before);
});

test("it comes back from the tray to where it was, also in the next session", async () => {
  const before = await putAt(220, 130, 860, 600);
  await manager.close();
  await manager.gone();
  tray.choose(await icon(), "Open Confab");
  await manager.shown();
  await samePlace(before);
  await manager.close();
  await manager.gone();
  // The session ends while the app is in the tray; the next one starts it there.
  for (const pid of appsOf(ada.folder)) process.kill(Number(pid), "SIGTERM");
  await ended();
  await ada.app.close();
  await ada.open({ env: env(), args: ["--hidden"] });
  await ada.app.find("shell");
  // A session in which nobody looks at it changes nothing.
  for (const pid of appsOf(ada.folder)) process.kill(Number(pid), "SIGTERM");
  await ended();
  await ada.app.close();
  await open();
  await ada.app.find("shell");
  await manager.shown();
  await samePlace(before);
});

test("the end of the session ends the app in good order", async () => {
  const before = await putAt(60, 40, 820, 620);
  for (const pid of appsOf(ada.folder)) process.kill(Number(pid), "SIGTERM");
  await ended();
  // Its databases are closed: nothing is left in a log.
  assert.equal(existsSync(join(ada.folder, "accounts/1/confab.db-wal")), false);
  await reopen();
  await manager.shown();
  await samePlace(before);
});

test("the size of everything is kept", async () => {
  const wide = await ada.app.script("return innerWidth");
  for (let step = 0; step < 3; step += 1) await ada.app.keys("+", { ctrl: true });
  await until("it is larger", async () => Math.abs((await ada.app.script("return innerWidth")) - wide / 1.5) < 3);
  await ada.app.shot("desktop-zoom");
  await reopen();
  await until("it is larger still", async () => Math.abs((await ada.app.script("return innerWidth")) - wide / 1.5) < 3);
  await ada.app.keys("0", { ctrl: true });
  await until("it is as before", async () => (await ada.app.script("return innerWidth")) === wide);
});
