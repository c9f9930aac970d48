// What is notified of on the desktop: by conversation, not what is in view, not what is muted, and no text if not wanted.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { World } from "../../browser/harness.js";
import { startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";
import { Manager } from "../services.js";

let world, desktop, manager, folder, ada, clara, dora;

before(async () => {
  world = await World.open();
  desktop = await startDesktop();
  manager = await Manager.start(desktop);
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  ada = await DesktopPerson.first(desktop, join(folder, "ada"), "Ada", world.relay.url);
  clara = await world.person("Clara");
  dora = await world.person("Dora");
  for (const person of [clara, dora]) {
    await person.writeTo({ username: "ada", name: "Ada" });
    await person.send(`hello from ${person.name}`);
    await ada.app.find("conversation-row", `hello from ${person.name}`);
  }
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** How many notifications stand on the screen. */
const standing = () => Number(execFileSync("dunstctl", ["count", "displayed"], { env: desktop.env }).toString());

const notified = (text) => until(`'${text}' is notified of`, () => desktop.notes().includes(text));

let window;

const away = async () => {
  window = await manager.shown();
  manager.tool("windowminimize", window);
  await until("nobody looks", async () => !(await ada.app.script("return document.hasFocus()")));
};

const back = async () => {
  manager.tool("windowactivate", window ?? (await manager.shown()));
  await until("somebody looks", () => ada.app.script("return document.hasFocus()"));
};

const unread = () => ada.app.unread();

async function tellOf(title, level) {
  await ada.openConversation(title);
  await ada.app.click("conversation-details");
  await ada.app.click("notify-open");
  await ada.app.find("notify-level");
  await ada.app.script("document.querySelector(`[data-testid=notify-level] input[value=${arguments[0]}]`).click()", level);
  await until("it is so", () => ada.app.script("return document.querySelector(`[data-testid=notify-level] input[value=${arguments[0]}]`).checked", level));
  await ada.app.keys("\uE00C");
  await until("the question is gone", async () => !(await ada.app.has("notify-dialog")));
}

/** Clara's message is not notified of, Dora's after it is. */
async function silent(text) {
  await clara.send(text);
  await ada.app.find("conversation-row", text);
  await dora.send(`after: ${text}`);
  await notified(`after: ${text}`);
  assert.doesNotMatch(desktop.notes(), new RegExp(`string "${text}`));
}

test("of what is in view nothing is said; of the rest one notification a conversation, and looking takes it away", async () => {
  await back();
  await ada.openConversation("Clara");
  await until("what stood of it is gone", () => standing() === 1);
  await clara.send("in view");
  await ada.sees("in view");
  await dora.send("not in view");
  await notified("not in view");
  assert.doesNotMatch(desktop.notes(), /string "in view/);
  await dora.send("nor this");
  await notified("nor this");
  await until("one stands", () => standing() === 1);
  await ada.app.shot("desktop-notification");
  await ada.openConversation("Dora");
  await until("none stands", () => standing() === 0);
});

test("what is read on another device is told of no longer, and the next message is the first again", async () => {
  await away();
  await dora.send("read me on the phone");
  await dora.send("and me");
  await notified("2 new messages");
  await until("one stands", () => standing() === 1);
  const phone = await world.visitor("Ada");
  await phone.login();
  await phone.openConversation("Dora");
  await phone.sees("and me");
  await until("none stands", () => standing() === 0);
  await phone.openConversation("Clara");
  await dora.send("a new beginning");
  await notified("a new beginning");
  assert.doesNotMatch(desktop.notes(), /a new beginning\n\d+ new messages/);
  await back();
  await ada.openConversation("Dora");
  await until("none stands again", () => standing() === 0);
});

test("a click on a notification brings the window and opens the conversation", async () => {
  await away();
  await clara.send("click me");
  await notified("click me");
  await until("one stands", () => standing() === 1);
  execFileSync("dunstctl", ["action", "0"], { env: desktop.env });
  await manager.shown();
  await ada.app.find("conversation-title", "Clara");
  await ada.sees("click me");
});

test("'nothing' is obeyed by notifications and by the count of what is unread", async () => {
  await tellOf("Clara", "nothing");
  await ada.openConversation("Dora");
  await until("all is read", async () => (await unread()) === 0);
  await away();
  await silent("nobody is to hear this");
  await until("Dora's alone counts", async () => (await unread()) === 1);
});

test("'mentions' lets through what names one", async () => {
  await back();
  await tellOf("Clara", "mentions");
  await ada.openConversation("Dora");
  await away();
  await silent("about nobody");
  await clara.at("composer-input").pressSequentially("and now @Ad");
  await clara.at("composer-mention").first().click();
  await clara.at("composer-input").pressSequentially("!");
  await clara.at("composer-send").click();
  await notified("and now @");
});

test("muted is muted, on this device too when it was said on another", async () => {
  const elsewhere = await world.visitor("Ada");
  await elsewhere.login();
  await elsewhere.openConversation("Clara");
  await elsewhere.at("conversation-details").click();
  await elsewhere.at("notify-open").click();
  await elsewhere.at("notify-level").locator("input[value=all]").click();
  await elsewhere.at("notify-mute-hour").click();
  await elsewhere.at("notify-muted").waitFor();
  await ada.app.find("row-muted");
  await silent("while it is muted");
  await elsewhere.at("notify-unmute").click();
  await until("it is not muted", async () => !(await ada.app.has("row-muted")));
  await clara.send("audible again");
  await notified("audible again");
});

test("whoever wants it discreet is told that there is something, and no more", async () => {
  await back();
  await ada.openConversation("Clara");
  await ada.sees("audible again");
  await until("nothing stands of it", () => standing() <= 1);
  await ada.app.keys(",", { ctrl: true });
  await ada.app.click("device-notify-text");
  await away();
  await clara.send("a secret");
  await notified("New message");
  assert.doesNotMatch(desktop.notes(), /a secret/);
  const shown = () => desktop.notes().split("member=Notify\n").length;
  const before = shown();
  await back();
  await ada.app.click("device-notify");
  await away();
  await clara.send("not even that");
  await ada.app.find("conversation-row", "not even that");
  assert.equal(shown(), before);
});
