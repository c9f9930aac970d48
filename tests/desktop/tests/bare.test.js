// A system without a bus: no keychain, no notifications, no tray, no single instance by name. Everything else works, and what is
// missing is said.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { World } from "../../browser/harness.js";
import { appsOf, openApp, startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";
import { Manager } from "../services.js";

let world, desktop, manager, folder, ada, clara;

before(async () => {
  world = await World.open();
  desktop = await startDesktop({ bus: false });
  manager = await Manager.start(desktop);
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("without a bus the app starts, says that there is no keychain, and works once the person agrees to a file", async () => {
  ada = new DesktopPerson(desktop, join(folder, "ada"), "Ada");
  await ada.open();
  await ada.app.find("secrets", "no keychain");
  await ada.app.shot("desktop-no-keychain");
  await ada.agree();
  await ada.register(world.relay.url);
  clara = await world.person("Clara");
  await clara.writeTo({ username: "ada", name: "Ada" });
  await clara.send("hello through nothing but a wire");
  await ada.openConversation("Clara");
  await ada.sees("hello through nothing but a wire");
  await ada.send("and back");
  await clara.sees("and back");
});

test("the settings say what this system does not offer", async () => {
  await ada.app.keys(",", { ctrl: true });
  await ada.app.find("device-settings", "Nothing on this system shows notifications");
  await ada.app.find("device-settings", "This system has no tray");
  await ada.app.shot("desktop-bare-settings");
});

test("a second start, which cannot find the first, says that it is running already and spoils nothing", async () => {
  const second = await openApp(desktop, ada.folder);
  await until("it says so", () => second.script("return document.body.innerText.includes('Confab is running already')"));
  await second.shot("desktop-running-already");
  await second.close();
  await clara.send("still there?");
  await ada.app.find("conversation-row", "still there?");
});

test("without a tray closing the window ends the app, and nothing is lost", async () => {
  await manager.close();
  await until("the app has ended", () => appsOf(ada.folder).length === 0);
  await ada.app.close();
  await ada.open();
  await ada.openConversation("Clara");
  await ada.sees("still there?");
});
