/** What a real desktop offers beside its screen and its bus: a keychain, a tray, a window manager. Each only where it is wanted. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./app.js";

const SECRETS = "org.freedesktop.secrets";
const WATCHER = "org.kde.StatusNotifierWatcher";

const callBus = (env, name, path, method, ...args) =>
  execFileSync("gdbus", ["call", "--session", "--timeout=10", "--dest", name, "--object-path", path, "--method", method, ...args], { env }).toString();

/** GNOME's keychain over a folder of its own. */
export class Keychain {
  constructor(desktop) {
    this.desktop = desktop;
    this.folder = mkdtempSync(join(tmpdir(), "confab-keychain-"));
    mkdirSync(join(this.folder, "run"), { mode: 0o700 });
  }

  /** Unlocks what is there, or makes it. */
  async start() {
    const home = { HOME: this.folder, XDG_DATA_HOME: join(this.folder, "data"), XDG_RUNTIME_DIR: join(this.folder, "run") };
    const stdio = ["pipe", "pipe", "pipe"];
    this.process = this.desktop.run("gnome-keyring-daemon", ["--foreground", "--components=secrets", "--unlock"], home, stdio);
    // A password without an end of line, then the end of the input.
    this.process.stdin.end("of the tests");
    await until("there is a keychain", () => this.desktop.has(SECRETS) && this.collection() !== "/");
  }

  collection() {
    const said = callBus(this.desktop.env, SECRETS, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.ReadAlias", "default");
    return /'([^']+)'/.exec(said)[1];
  }

  lock() {
    callBus(this.desktop.env, SECRETS, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", `[objectpath "${this.collection()}"]`);
  }

  async stop() {
    await this.desktop.end(this.process);
    await until("there is no keychain", () => !this.desktop.has(SECRETS));
  }

  /** As when it was made anew, or is another computer's. */
  forget() {
    rmSync(join(this.folder, "data"), { recursive: true, force: true });
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Somebody who shows tray icons (the indicator service of Ayatana). */
export class TrayHost {
  static async start(desktop) {
    const host = new TrayHost();
    host.desktop = desktop;
    desktop.run("/usr/libexec/ayatana-indicator-application/ayatana-indicator-application-service", []);
    await until("somebody shows tray icons", () => desktop.has(WATCHER));
    return host;
  }

  /** The icons: whose they are on the bus and where. */
  items() {
    const said = callBus(this.desktop.env, WATCHER, "/StatusNotifierWatcher", "org.freedesktop.DBus.Properties.Get", WATCHER, "RegisteredStatusNotifierItems");
    return [...said.matchAll(/'(:[^'/]+)(\/[^']+)'/g)].map(([, name, path]) => ({ name, path }));
  }

  property({ name, path }, property) {
    return /'([^']*)'|<(true|false)>/.exec(callBus(this.desktop.env, name, path, "org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierItem", property))?.[1];
  }

  /** Chooses an entry of an icon's menu by its words. */
  choose(item, words) {
    const menu = `${item.path}/Menu`;
    const layout = callBus(this.desktop.env, item.name, menu, "com.canonical.dbusmenu.GetLayout", "0", "--", "-1", "[]");
    const entry = [...layout.matchAll(/\((\d+), \{([^}]*)\}/g)].find(([, , properties]) => properties.includes(`'${words}'`));
    if (entry === undefined) throw new Error(`the menu has no '${words}': ${layout}`);
    callBus(this.desktop.env, item.name, menu, "com.canonical.dbusmenu.Event", entry[1], "clicked", "<''>", "0");
  }
}

/** A window manager (Openbox), and what a person does with a window that no page hears of. */
export class Manager {
  static async start(desktop) {
    const manager = new Manager();
    manager.desktop = desktop;
    desktop.run("openbox", ["--sm-disable"]);
    await until("windows are managed", () => manager.tool("get_desktop") !== "");
    return manager;
  }

  tool(...args) {
    try {
      return execFileSync("xdotool", args, { env: this.desktop.env, stdio: ["ignore", "pipe", "pipe"] }).toString().trim();
    } catch {
      // It fails when there is no such window.
      return "";
    }
  }

  /** The window of Confab, if one is to be seen. */
  window() {
    return this.tool("search", "--onlyvisible", "--name", "^Confab$").split("\n")[0];
  }

  async shown() {
    return await until("the window is shown", () => this.window());
  }

  async gone() {
    await until("the window is gone", () => this.window() === "");
  }

  /** Its close button, as a taskbar presses it (`_NET_CLOSE_WINDOW` of EWMH): a key press can be lost before the manager hears it. */
  async close() {
    execFileSync("wmctrl", ["-i", "-c", await this.shown()], { env: this.desktop.env });
  }

  /** Its place and size, without the frame. */
  place() {
    const said = this.tool("getwindowgeometry", "--shell", this.window());
    return Object.fromEntries([...said.matchAll(/^(X|Y|WIDTH|HEIGHT)=(-?\d+)$/gm)].map(([, name, value]) => [name, Number(value)]));
  }
}
