// Loads the web client twice in Chromium, through a proxy that counts, and prints what it saw as JSON:
// what the first load transfers, and when the second one has painted the list and when its socket was open.
// Usage: node measure.mjs PORT-OF-THE-RELAY
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { withNewProfile } from "./profile.mjs";

const relayPort = Number(process.argv[2]);
const loads = 5;

// Counts what the browser gets over HTTP, head and body, whichever of page, worker and service worker asked; and
// tells when a WebSocket's handshake was answered.
const seen = { bytes: 0, lastAt: Date.now(), socketAt: [] };
const proxy = net.createServer((browser) => {
  const relay = net.connect(relayPort, "127.0.0.1");
  let socket = false;
  let answered = false;
  browser.once("data", (chunk) => {
    socket = chunk.toString("latin1", 0, 8) === "GET /ws ";
  });
  relay.on("data", (chunk) => {
    if (!socket) {
      seen.bytes += chunk.length;
      seen.lastAt = Date.now();
    } else if (!answered) {
      answered = true;
      seen.socketAt.push(Date.now());
    }
  });
  browser.pipe(relay);
  relay.pipe(browser);
  for (const end of [browser, relay]) {
    end.on("error", () => {
      browser.destroy();
      relay.destroy();
    });
  }
});
await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
const origin = `http://localhost:${proxy.address().port}`;

await withNewProfile(async (context) => {
  await context.addInitScript(() => {
    const look = () => {
      if (globalThis.confabPaintedAt || !document.querySelector('[data-testid="conversation-row"]')) return;
      // After the frame that first shows it.
      requestAnimationFrame(() => setTimeout(() => (globalThis.confabPaintedAt ??= Date.now())));
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
  const page = await context.newPage();
  const at = (name) => page.locator(`[data-testid="${name}"]`);

  await page.goto(origin);
  await at("auth-screen").waitFor();
  while (Date.now() - seen.lastAt < 2000) await pause(100);
  const firstLoadBytes = seen.bytes;

  const friend = await context.request.post(`${origin}/api/register`, {
    data: { username: "bench-bob", display_name: "Bob", password: "correct horse" },
  });
  if (friend.status() !== 201) throw new Error(`register: ${friend.status()} ${await friend.text()}`);
  if (!(await at("register-form").isVisible())) await at("auth-switch").click();
  await at("auth-username").fill("bench-alice");
  await at("auth-display-name").fill("Alice");
  await at("auth-password").fill("correct horse");
  await at("auth-submit").click();
  await at("shell").waitFor();
  await at("new-button").click();
  await at("people-search").fill("bench-bob");
  await at("person").first().click();
  await at("composer-input").fill("Hello");
  await at("composer-send").click();
  await at("conversation-row").first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[data-testid="message"][data-pending="true"]'));

  const second = [];
  for (let load = 0; load < loads; load += 1) {
    seen.socketAt = [];
    await page.goto(`${origin}/`);
    await page.waitForFunction(() => globalThis.confabPaintedAt);
    while (seen.socketAt.length === 0) await pause(20);
    const [began, painted] = await page.evaluate(() => [performance.timeOrigin, globalThis.confabPaintedAt]);
    second.push({ paintedMs: painted - began, socketMs: seen.socketAt[0] - began });
  }
  console.log(JSON.stringify({ firstLoadBytes, second }));
});
proxy.close();
process.exit(0);
