// The bridge of a real window keeps to the contract, and a page can do nothing of the system beside it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Relay } from "../../browser/harness.js";
import { startDesktop } from "../app.js";
import { DesktopPerson } from "../person.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
let relay, desktop, folder, person;

before(async () => {
  execFileSync(process.execPath, [here("../../../app/ui/node_modules/vite/bin/vite.js"), "build", "--config", here("../contract.config.js")], { stdio: "inherit" });
  relay = await Relay.start();
  desktop = await startDesktop();
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  person = new DesktopPerson(desktop, folder, "Contract");
  await person.open();
  await person.agree();
});

after(async () => {
  await person?.app?.close();
  await desktop?.stop();
  await relay?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("the bridge keeps to the contract", async (t) => {
  await person.app.script(readFileSync(here("../.built/contract.js"), "utf8"));
  const results = await person.app.asyncScript(
    "const done = arguments[arguments.length - 1]; window.runContract(arguments[0], 'contract').then(done, (error) => done([{ name: 'running it', failure: String(error) }]))",
    relay.url,
  );
  assert.ok(results.length >= 10, JSON.stringify(results));
  for (const { name, failure } of results) await t.test(name, () => assert.equal(failure, null));
});

const outcome = (command, payload = {}) =>
  person.app.asyncScript(
    "const done = arguments[arguments.length - 1]; window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then(() => done('allowed'), (error) => done(String(error?.message ?? error)))",
    command, payload,
  );

test("the page may call nothing but the app's own commands", async () => {
  for (const command of ["plugin:opener|open_url", "plugin:autostart|enable", "plugin:window|close", "plugin:event|listen", "plugin:path|resolve_directory", "plugin:deep-link|register"]) {
    assert.match(await outcome(command, { url: "file:///etc/passwd", event: "x", protocol: "x" }), /not allowed|not found/i, command);
  }
  assert.match(await outcome("ask", { account: 99, request: { type: "session" } }), /no such account/);
  assert.match(await outcome("ask", { account: 1 }), /does not know this request/);
  assert.match(await outcome("shell", { request: { type: "format_disk" } }), /does not know this request/);
});

test("nothing from elsewhere runs or is loaded", async () => {
  const said = await person.app.asyncScript(`
    const done = arguments[arguments.length - 1];
    const blocked = [];
    addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.intruder = true";
    document.body.append(script);
    const image = new Image();
    image.onerror = () => fetch("https://example.com/").catch(() => done([window.intruder ?? false, ...blocked.sort()]));
    image.src = "https://example.com/x.png";
    setTimeout(() => done(["late", ...blocked]), 10000);
  `);
  assert.deepEqual(said.map((word) => String(word).replace("-elem", "")), ["false", "connect-src", "img-src", "script-src"]);
  await person.app.script("location.href = 'https://example.com/'");
  assert.match(await person.app.script("return location.href"), /^(tauri:\/\/localhost|http:\/\/tauri\.localhost)/);
});
