// Paints the screens with the fake client and writes pictures to tests/screenshots/ui for a person to look at.
//   npm run shots [scene ...]      SIZES=390x844,1440x900 THEMES=dark npm run shots list
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = fileURLToPath(new URL("../../../tests/screenshots/ui", import.meta.url));
const sizes = (process.env.SIZES ?? "320x640,390x844,820x1180,1440x900").split(",");
const themes = (process.env.THEMES ?? "light,dark").split(",");
const id = (number) => `0000000c-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
const click = (testId) => async (page) => page.getByTestId(testId).first().click();
const fake = (run) => (page) => page.evaluate(run);

/** Each scene: an address and what to do there. */
const scenes = {
  login: { path: "?phase=signed_out&still" },
  register: { path: "?phase=signed_out&still", steps: [click("auth-switch"), click("auth-submit")] },
  needed: { path: "?phase=login_needed&still" },
  list: { path: "?still" },
  empty: { path: "?empty" },
  conversation: { path: `?still#/c/${id(1)}` },
  group: { path: `?still#/c/${id(2)}` },
  details: { path: `?still#/c/${id(2)}/details` },
  person: { path: `?still#/c/${id(1)}/details` },
  settings: { path: "?still#/settings" },
  new: { path: "?still", steps: [click("new-button")] },
  nodirectory: { path: "?still", steps: [click("new-button"), fake(() => window.confabFake.refuseNext("find_users", { code: "forbidden", message: "This relay has no directory of people." })), (page) => page.getByTestId("people-search").fill("ada"), (page) => page.waitForTimeout(500)] },
  mention: { path: `?still#/c/${id(2)}`, steps: [fake(() => window.confabFake.incoming("0000000c-0000-7000-8000-000000000002", [...window.confabFake.world.users.keys()][0], "Thanks @robin, and @ada was late again", [window.confabFake.world.me.id, [...window.confabFake.world.users.keys()][0]])), (page) => page.getByTestId("composer-input").pressSequentially("so @a"), (page) => page.waitForTimeout(300)] },
  newgroup: { path: "?still", steps: [click("menu-button"), click("menu-new-group"), async (page) => { for (const place of [0, 2, 3]) await page.getByTestId("person").nth(place).click(); }] },
  menu: { path: "?still", steps: [click("menu-button")] },
  search: { path: "?still", steps: [click("search-button"), (page) => page.getByTestId("search-input").fill("run"), (page) => page.waitForTimeout(400)] },
  switcher: { path: "?still", steps: [(page) => page.keyboard.press("Control+k"), (page) => page.getByTestId("switcher-input").fill("ha"), (page) => page.waitForTimeout(200)] },
  offline: { path: `?still#/c/${id(4)}`, steps: [fake(() => window.confabFake.session({ connection: "offline", retry_at: Date.now() + 12_400 }))] },
  refusedgroup: { path: `?still#/c/${id(2)}`, steps: [fake(() => { window.confabFake.world.conversations.get("0000000c-0000-7000-8000-000000000002").creation = { command: "0000000c-0000-7000-8000-0000000000c1", problem: { code: "forbidden", message: "Ada Lovelace cannot be added." } }; window.confabFake.changed({ type: "conversation", conversation: "0000000c-0000-7000-8000-000000000002" }); }), (page) => page.waitForTimeout(300)] },
  long: { path: `?still#/c/${id(3)}` },
  hit: { path: `?still#/c/${id(3)}/m/2400`, steps: [(page) => page.waitForTimeout(600)] },
  beside: { wide: true, path: `?still#/c/${id(2)}`, steps: [click("search-button"), (page) => page.getByTestId("search-input").fill("plan"), (page) => page.waitForTimeout(400), (page) => page.getByTestId("search-hit").nth(3).click(), (page) => page.waitForTimeout(600)] },
  offlinelist: { path: "?still", steps: [fake(() => { window.confabFake.session({ connection: "offline", retry_at: Date.now() + 12_400, storage: "outbox_only" }); window.confabFake.offerUpdate(); })] },
  welcome: { path: "?native=none&still" },
  wrongcert: { path: "?native=none&still", steps: [(page) => page.getByTestId("welcome-address").fill("wrong-cert.example"), click("welcome-submit")] },
  appfailed: { path: "?native=failed&still" },
  broken: { path: "?native=broken&still" },
  appmenu: { path: "?native=two&still", steps: [click("menu-button")] },
  appsettings: { path: "?native=two&still#/settings", steps: [(page) => page.getByTestId("device-settings").scrollIntoViewIfNeeded()] },
  phonesettings: { path: "?native=two&system=android&still#/settings", steps: [(page) => page.getByTestId("device-settings").scrollIntoViewIfNeeded()] },
  certificate: { path: `?still#/c/${id(4)}`, steps: [fake(() => window.confabFake.session({ connection: "offline", problem: { code: "certificate", message: "The relay shows a certificate that this device does not trust: invalid peer certificate: UnknownIssuer." } }))] },
  leave: { path: `?still#/c/${id(2)}/details`, steps: [click("group-leave")] },
};

// As the relay serves the page, so that whatever the policy forbids shows here as an error.
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

process.chdir(root);
const outDir = mkdtempSync(join(tmpdir(), "confab-fake-"));
const data = mkdtempSync(join(tmpdir(), "confab-shots-"));
await build({ root, mode: "fake", logLevel: "warn", build: { outDir, emptyOutDir: true } });
const server = await preview({ root, mode: "fake", logLevel: "warn", build: { outDir }, preview: { port: 0, strictPort: false, headers: { "Content-Security-Policy": policy } } });
const base = server.resolvedUrls.local[0];
const browser = await chromium.launchPersistentContext(data, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
mkdirSync(out, { recursive: true });
const names = process.argv.slice(2);
let errors = 0;
for (const [name, scene] of Object.entries(scenes)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const size of sizes) {
    for (const theme of themes) {
      const [width, height] = size.split("x").map(Number);
      if (scene.wide && width < 720) continue;
      const page = await browser.newPage();
      page.on("pageerror", (error) => { errors += 1; console.error(name, size, error.message); });
      page.on("console", (message) => { if (message.type() === "error") { errors += 1; console.error(name, size, message.text()); } });
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      await page.goto(base + scene.path);
      await page.waitForLoadState("networkidle");
      await page.waitForTimeout(250);
      try {
        for (const step of scene.steps ?? []) await step(page);
        await page.waitForTimeout(350);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (wide) console.error(name, size, "is wider than the window");
        await page.screenshot({ path: join(out, `${name}-${size}-${theme}.png`) });
      } catch (error) {
        errors += 1;
        console.error(name, size, String(error).split("\n")[0]);
      }
      await page.close();
    }
  }
}
await browser.close();
await server.close();
rmSync(data, { recursive: true, force: true });
rmSync(outDir, { recursive: true, force: true });
console.log(`pictures in ${out}`);
process.exit(errors > 0 ? 1 : 0);
