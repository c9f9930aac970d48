/** A desktop app in a real window under Xvfb, driven by WebKitWebDriver over plain WebDriver (W3C) and seen on a bus of its own. */
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

const root = new URL("../../", import.meta.url).pathname;
export const binary = process.env.CONFAB_BINARY ?? `${root}target/debug/confab`;
export const screenshots = `${root}tests/screenshots`;
mkdirSync(screenshots, { recursive: true });
const STUCK_MS = 60_000;
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until something is true, looking again; for what happens outside this process nothing else can be heard. */
export async function until(what, look, ms = STUCK_MS) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`never: ${what}`, { cause: last });
    await pause(50);
  }
}

/**
 * A screen and a session bus, with somebody who shows notifications if wanted. `bus: false` is a system without one.
 * What else a desktop offers is in `services.js`.
 */
export async function startDesktop({ notifications = true, bus: withBus = true } = {}) {
  const started = [];
  const run = (command, args, env = process.env, stdio = ["ignore", "pipe", "pipe"]) => {
    const child = spawn(command, args, { env, stdio });
    started.push(child);
    return child;
  };
  const screen = run("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
  const display = `:${String(await firstLine(screen.stdout))}`;
  const { folder: busFolder, file: busFile } = busConfig();
  let address = `unix:path=${busFolder}/nobody-listens-here`;
  if (withBus) address = await firstLine(run("dbus-daemon", ["--nofork", "--print-address=1", "--config-file", busFile]).stdout);
  const env = {
    ...process.env,
    DISPLAY: display,
    DBUS_SESSION_BUS_ADDRESS: address,
    WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    NO_AT_BRIDGE: "1",
    GDK_BACKEND: "x11",
  };
  const notes = [];
  if (withBus && notifications) {
    const monitor = run("dbus-monitor", ["--address", address, "interface='org.freedesktop.Notifications'"], env);
    monitor.stdout.setEncoding("utf8").on("data", (text) => notes.push(text));
    run("dunst", [], env);
    await until("somebody shows notifications", () => hasOwner(env, "org.freedesktop.Notifications"));
  }
  return {
    env,
    run: (command, args, more = {}, stdio) => run(command, args, { ...env, ...more }, stdio),
    /** Whether somebody offers this name on the bus. */
    has: (name) => hasOwner(env, name),
    /** Ends something that `run` started. */
    async end(child, signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
    /** Everything that was said about notifications on the bus so far. */
    notes: () => notes.join(""),
    shot: (name) => execFileSync("scrot", ["-o", `${screenshots}/${name}.png`], { env }),
    async stop() {
      for (const child of started.reverse()) {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill("SIGKILL");
          await once(child, "exit");
        }
      }
      rmSync(busFolder, { recursive: true, force: true });
    },
  };
}

/** Without the services of the machine: no keychain and no notifications start by themselves. */
function busConfig() {
  const folder = mkdtempSync(`${tmpdir()}/confab-bus-`);
  const file = `${folder}/bus.conf`;
  writeFileSync(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=${folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  );
  return { folder, file };
}

/** The processes of the app whose data is in a folder. */
export function appsOf(folder) {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^[0-9]+$/.test(pid) && readlinkSync(`/proc/${pid}/exe`) === binary && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CONFAB_DATA=${folder}\0`);
    } catch {
      return false;
    }
  });
}

function hasOwner(env, name) {
  const said = execFileSync("dbus-send", ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", `string:${name}`], { env });
  return said.toString().includes("true");
}

function firstLine(stream) {
  return new Promise((done, failed) => {
    let text = "";
    stream.once("end", () => failed(new Error(`it ended and said only '${text}'`)));
    const hear = (part) => {
      text += part;
      if (!text.includes("\n")) return;
      stream.off("data", hear);
      stream.resume();
      done(text.split("\n")[0].trim());
    };
    stream.setEncoding("utf8").on("data", hear);
  });
}

/** Starts an app with its data in a folder; gives a handle on its window. */
export async function openApp(desktop, folder, { args = [], env = {} } = {}) {
  const port = await freePort();
  const driver = desktop.run("WebKitWebDriver", [`--port=${port}`], { CONFAB_DATA: folder, CONFAB_LOG: "info", TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true", ...env });
  const log = [];
  for (const stream of [driver.stdout, driver.stderr]) stream.setEncoding("utf8").on("data", (text) => log.push(text));
  const base = `http://127.0.0.1:${port}`;
  await until("the driver listens", async () => (await fetch(`${base}/status`)).ok);
  const call = async (method, path, body) => {
    const answer = await fetch(`${base}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };
  const before = appsOf(folder);
  const session = await call("POST", "/session", {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args } } },
  });
  const own = appsOf(folder).filter((pid) => !before.includes(pid));
  const at = `/session/${session.sessionId}`;
  const script = (text, ...values) => call("POST", `${at}/execute/sync`, { script: text, args: values });
  const asyncScript = (text, ...values) => call("POST", `${at}/execute/async`, { script: text, args: values });
  await call("POST", `${at}/timeouts`, { script: STUCK_MS });
  const find = async (testId, contains = "") =>
    until(`${testId} ${contains}`, async () => {
      const found = await script(
        "return [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"]`)].find((e) => e.checkVisibility() && e.textContent.includes(arguments[1])) ?? null",
        testId, contains,
      );
      return found?.[ELEMENT];
    });
  return {
    log: () => log.join(""),
    script,
    asyncScript,
    /** How many messages the first account's badge counts. */
    unread: () => asyncScript("const done = arguments[arguments.length - 1]; window.__TAURI_INTERNALS__.invoke('shell', { request: { type: 'state' } }).then((view) => done(view.accounts[0].unread))"),
    find,
    has: async (testId, contains = "") => (await script("return [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"]`)].some((e) => e.textContent.includes(arguments[1]))", testId, contains)) === true,
    text: (testId) => script("return [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"]`)].map((e) => e.innerText)", testId),
    click: async (testId, contains) => call("POST", `${at}/element/${await find(testId, contains)}/click`, {}),
    /** Keys to the page as a person types them; `{ctrl: true}` holds that key meanwhile. */
    keys: async (value, { ctrl = false } = {}) => {
      const down = (key) => ({ type: "keyDown", value: key });
      const up = (key) => ({ type: "keyUp", value: key });
      const CONTROL = "\uE009";
      const actions = [...value].flatMap((key) => [down(key), up(key)]);
      await call("POST", `${at}/actions`, { actions: [{ type: "key", id: "keyboard", actions: ctrl ? [down(CONTROL), ...actions, up(CONTROL)] : actions }] });
    },
    type: async (testId, text) => call("POST", `${at}/element/${await find(testId)}/value`, { text }),
    clear: async (testId) => call("POST", `${at}/element/${await find(testId)}/clear`, {}),
    /** A picture of the screen, once what is on the page stands still. */
    async shot(name) {
      await asyncScript(
        `const done = arguments[arguments.length - 1];
         Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))).then(() =>
           requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0, null))));`,
      );
      desktop.shot(name);
    },
    /** Kills the app at once, as when the power goes. */
    kill() {
      for (const pid of appsOf(folder)) if (own.includes(pid)) process.kill(pid, "SIGKILL");
    },
    async close() {
      await call("DELETE", at).catch(() => undefined);
      this.kill();
      await until("it has ended", () => !appsOf(folder).some((pid) => own.includes(pid)));
      driver.kill("SIGKILL");
      if (driver.exitCode === null && driver.signalCode === null) await once(driver, "exit");
    },
  };
}
