// What the desktop app costs: start to a painted list, opening a conversation, memory, idle CPU, size. Run by `scripts/bench desktop`.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Relay } from "../browser/harness.js";
import { appsOf, binary, openApp, startDesktop, until } from "./app.js";
import { DesktopPerson } from "./person.js";

const STARTS = 9;
const OPENINGS = 21;
const IDLE_MS = 20_000;
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"]));
const measure = process.env.CONFAB_MEASURE;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const show = (what, value, unit, target) => console.log(`${what.padEnd(52)} ${value.padStart(9)} ${unit.padEnd(5)} ${target}`);

/** A process with all its descendants. */
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = [pid];
  for (let place = 0; place < found.length; place += 1) {
    for (const [child, parent] of parents) if (parent === found[place]) found.push(child);
  }
  return found;
}

const pssKib = (pid) => Number(/^Pss:\s+([0-9]+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]);
const cpuTicks = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
};
const sum = (pid, of) => family(pid).reduce((total, one) => total + of(one), 0);

/** Starts the app by itself and gives the time until it says that its list is painted. */
async function start(desktop, folder) {
  const began = performance.now();
  const app = desktop.run(binary, [], { CONFAB_DATA: folder, CONFAB_LOG: "confab_desktop=info" });
  let log = "";
  let took;
  // Taken when it is said: whoever looks now and then adds up to a pause to it.
  const hear = (text) => {
    log += text;
    if (log.includes("the first list is painted")) took ??= performance.now() - began;
  };
  for (const stream of [app.stdout, app.stderr]) stream.setEncoding("utf8").on("data", hear);
  await until("the list is painted", () => took !== undefined);
  return { app, took };
}

/** The share of one core that an app takes while nobody does anything, in percent. */
async function idle(pid) {
  const before = sum(pid, cpuTicks);
  await pause(IDLE_MS);
  return ((sum(pid, cpuTicks) - before) / TICKS / (IDLE_MS / 1000)) * 100;
}

async function end(app) {
  app.kill("SIGTERM");
  if (app.exitCode === null && app.signalCode === null) await once(app, "exit");
}

const folder = mkdtempSync(join(tmpdir(), "confab-bench-desktop-"));
const desktop = await startDesktop();
try {
  const account = join(folder, "accounts", "1");
  mkdirSync(account, { recursive: true });
  execFileSync(measure, ["--build", join(account, "confab.db")]);
  writeFileSync(join(folder, "accounts.json"), JSON.stringify({ next: 2, selected: 1, accounts: [{ number: 1, relay: "http://127.0.0.1:9", user: null }] }));
  writeFileSync(join(folder, "settings.json"), "{}");

  const times = [];
  for (let round = 0; round <= STARTS; round += 1) {
    const { app, took } = await start(desktop, folder);
    // The first one warms the disk's cache.
    if (round > 0) times.push(took);
    if (round < STARTS) await end(app);
    else {
      await pause(5_000);
      const memory = sum(app.pid, pssKib) / 1024;
      const alone = await idle(app.pid);
      show("start to a painted, clickable list (median of 9)", median(times).toFixed(0), "ms", "< 700");
      show("memory of all its processes (PSS)", memory.toFixed(0), "MiB", "< 230");
      show("idle CPU over 20 s, relay unreachable", alone.toFixed(2), "%", "0");
      await end(app);
    }
  }

  const relay = await Relay.start();
  const person = await DesktopPerson.first(desktop, join(folder, "person"), "Ada", relay.url);
  // The caret of the last field blinks for ten seconds.
  await pause(15_000);
  const connected = await idle(Number(appsOf(person.folder)[0]));
  show("idle CPU over 20 s, connected", connected.toFixed(2), "%", "0");
  await person.app.close();
  await relay.remove();

  const driven = await openApp(desktop, folder);
  await driven.find("conversation-row");
  const opened = await driven.asyncScript(
    `const done = arguments[arguments.length - 1];
     const rows = [...document.querySelectorAll("[data-testid=conversation-row]")].slice(0, arguments[0]);
     const times = [];
     const next = () => {
       const row = rows.shift();
       if (row === undefined) return done(times);
       const began = performance.now();
       row.click();
       const id = row.dataset.id;
       const look = () => {
         const list = document.querySelector("[data-testid=message-list]");
         if (location.hash.includes(id) && list?.querySelectorAll("[data-testid=message]").length > 3) {
           // The frame that holds it.
           requestAnimationFrame(() => { times.push(performance.now() - began); setTimeout(next, 300); });
         } else setTimeout(look, 1);
       };
       // The former conversation leaves at the first paint of the new one.
       for (const old of document.querySelectorAll("[data-testid=message]")) old.setAttribute("data-testid", "former");
       look();
     };
     next();`,
    OPENINGS,
  );
  show("opening a conversation to its painted frame (median)", median(opened).toFixed(1), "ms", "< 50");
  await driven.close();
  show("binary", (statSync(binary).size / 1e6).toFixed(1), "MB", "< 15");
} finally {
  await desktop.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
