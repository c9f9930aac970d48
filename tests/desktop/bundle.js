// The deb as people get it: valid, complete in what it asks for, started from where it is installed, gone without a trace.
// Not part of the test command, because its build takes long: scripts/desktop try-bundle.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const deb = process.env.CONFAB_DEB;
assert.ok(deb && existsSync(deb), "CONFAB_DEB names the package");
const root = mkdtempSync(join(tmpdir(), "confab-deb-"));
const run = (command, ...args) => execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const dpkg = (...args) => run("dpkg", `--root=${root}`, "--force-depends", "--force-not-root", ...args);
const files = () => readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => !one.isDirectory()).map((one) => join(one.parentPath, one.name).slice(root.length + 1));
// What the package manager of a bare system keeps for itself.
for (const folder of ["info", "updates", "triggers"]) mkdirSync(join(root, "var/lib/dpkg", folder), { recursive: true });
for (const file of ["status", "available"]) writeFileSync(join(root, "var/lib/dpkg", file), "");
const binary = join(root, "usr/bin/confab");
process.env.CONFAB_BINARY = binary;
const { openApp, startDesktop } = await import("./app.js");
after(() => rmSync(root, { recursive: true, force: true }));

test("a system with nothing on it can install it, with every library that it links", () => {
  const plan = run("apt-get", "-o", "Dir::State::status=/dev/null", "install", "--simulate", "--no-install-recommends", deb);
  const packages = new Set([...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name));
  assert.ok(packages.has("confab"), plan);
  dpkg("-i", deb);
  const needed = [...run("objdump", "-p", binary).matchAll(/NEEDED\s+(\S+)/g)].map(([, name]) => name);
  assert.ok(needed.length > 5, "it links something");
  const paths = new Map([...run("ldd", binary).matchAll(/^\s*(\S+) => (\S+)/gm)].map(([, name, path]) => [name, path]));
  for (const library of needed) {
    if (!paths.has(library)) continue; // The loader itself.
    const owner = owners(paths.get(library));
    assert.ok(owner.some((name) => packages.has(name)), `${library} is of ${owner.join(", ")}, which it does not ask for`);
  }
});

/** The packages that a file is of. Where /lib is a link to /usr/lib, packages know it by either name. */
function owners(path) {
  for (const name of [path, realpathSync(path), realpathSync(path).replace(/^\/usr/, "")]) {
    try {
      return [...run("dpkg", "-S", name).matchAll(/^([^:\s]+)(?::\S+)?:/gm)].map(([, owner]) => owner);
    } catch {
      // The next name.
    }
  }
  return [];
}

test("menus, software centres and browsers find it", () => {
  run("desktop-file-validate", join(root, "usr/share/applications/Confab.desktop"));
  run("appstreamcli", "validate-tree", "--no-net", root);
  const entry = run("cat", join(root, "usr/share/applications/Confab.desktop"));
  assert.match(entry, /^Exec=confab %u$/m);
  assert.match(entry, /^MimeType=x-scheme-handler\/confab;$/m);
  for (const size of ["32x32", "128x128", "512x512"]) assert.ok(existsSync(join(root, `usr/share/icons/hicolor/${size}/apps/confab.png`)), size);
  assert.match(run("cat", join(root, "usr/share/doc/confab/copyright")), /MIT or Apache-2.0/);
});

test("it is as small as promised", { skip: process.env.CONFAB_DEBUG ? "a debug build" : false }, () => {
  const bytes = statSync(binary).size;
  assert.ok(bytes < 15_000_000, `${bytes} bytes`);
});

test("it starts from where it is installed, and is gone when it is removed", async () => {
  const home = join(root, "home/alice");
  const env = { HOME: home, XDG_DATA_HOME: join(home, ".local/share"), XDG_CONFIG_HOME: join(home, ".config"), XDG_CACHE_HOME: join(home, ".cache"), XDG_STATE_HOME: join(home, ".local/state") };
  mkdirSync(home, { recursive: true });
  const desktop = await startDesktop();
  try {
    const app = await openApp(desktop, join(home, "data"), { env });
    await app.find("welcome-address");
    desktop.shot("desktop-installed");
    await app.close();
  } finally {
    await desktop.stop();
  }
  assert.ok(existsSync(join(home, "data")), "there is data of the person's");
  dpkg("--purge", "confab");
  const left = files().filter((file) => !file.startsWith("var/lib/dpkg/") && !file.startsWith("home/alice/"));
  assert.deepEqual(left.filter((file) => !file.startsWith("var/log/")), []);
  assert.ok(existsSync(join(home, "data")), "which stays");
});
