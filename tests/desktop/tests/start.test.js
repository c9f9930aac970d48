// How an app is started: by a link, at login before there is a panel, and where the library of tray icons is missing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { World } from "../../browser/harness.js";
import { appsOf, startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";
import { Manager, TrayHost } from "../services.js";

let world, desktop, manager, tray, folder, ada;

before(async () => {
  world = await World.open();
  desktop = await startDesktop();
  manager = await Manager.start(desktop);
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  ada = await DesktopPerson.first(desktop, join(folder, "ada"), "Ada", world.relay.url);
  for (const name of ["Clara", "Dora"]) {
    const person = await world.person(name);
    await person.writeTo({ username: "ada", name: "Ada" });
    await person.send(`hello from ${name}`);
    await ada.app.find("conversation-row", `hello from ${name}`);
  }
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const hasTray = () => ada.app.asyncScript("const done = arguments[arguments.length - 1]; window.__TAURI_INTERNALS__.invoke('shell', { request: { type: 'state' } }).then((view) => done(view.system.tray))");

test("a link can be what the app is started with", async () => {
  const talk = await ada.app.script("return [...document.querySelectorAll('[data-testid=conversation-row]')].find((e) => e.textContent.includes('Clara')).dataset.id");
  await ada.quit();
  await ada.open({ args: [`confab://${new URL(world.relay.url).host}/c/${talk}?plain`] });
  await ada.app.find("conversation-title", "Clara");
  await ada.sees("hello from Clara");
});

test("at login the panel may come after the app, which stays hidden and waits for it", async () => {
  await ada.quit();
  await ada.open({ args: ["--hidden"] });
  await ada.app.find("shell");
  assert.equal(await hasTray(), false);
  assert.equal(manager.window(), "");
  tray = await TrayHost.start(desktop);
  await until("the app knows", hasTray);
  assert.equal(manager.window(), "");
  tray.choose(await until("the icon is in the tray", () => tray.items()[0]), "Open Confab");
  await manager.shown();
  await manager.close();
  await manager.gone();
  assert.equal(appsOf(ada.folder).length, 1, "it is in the tray");
});

test("with a panel but no library for the icon nothing is left without a way back", async () => {
  tray ??= await TrayHost.start(desktop);
  const preload = join(folder, "noicon.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", preload, fileURLToPath(new URL("../noicon.c", import.meta.url)), "-ldl"]);
  await ada.app.close();
  await ada.open({ args: ["--hidden"], env: { LD_PRELOAD: preload } });
  await ada.app.find("shell");
  await manager.shown();
  assert.equal(await hasTray(), false);
  await manager.close();
  await until("the app has ended", () => appsOf(ada.folder).length === 0);
});
