import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { Person, World, until } from "../harness.js";

let world, alice, bob;

/** What goes over the wire for a file, as a browser asks for it. */
async function compressedSize(url) {
  return await new Promise((done, failed) => {
    get(url, { headers: { "accept-encoding": "br" } }, (answer) => {
      let size = 0;
      answer.on("data", (chunk) => (size += chunk.length)).on("end", () => done(size));
    }).on("error", failed);
  });
}

before(async () => {
  world = await World.open();
  [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
  await bob.writeTo(alice);
  await bob.send("Some **bold** words, `code` and <b>no HTML</b>");
  await alice.openConversation("Bob");
  await alice.sees("Some bold words");
});
after(async () => await world.close());

test("the page is served compressed, small, with a strict policy and from here alone", async () => {
  const visitor = new Person(world, "Visitor");
  visitor.context = await world.browser.newContext();
  const page = await visitor.context.newPage();
  // The worker's and the service worker's requests too.
  const urls = new Set();
  visitor.context.on("request", (request) => urls.add(request.url()));
  const answer = await page.goto(world.relay.url);
  await page.getByTestId("auth-screen").waitFor();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const policy = answer.headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*/);
  assert.equal(answer.headers()["x-content-type-options"], "nosniff");
  await until("the engine", () => [...urls].some((url) => url.endsWith(".wasm")));
  assert.deepEqual([...new Set([...urls].map((url) => new URL(url).host))], [new URL(world.relay.url).host]);
  let bytes = 0;
  for (const url of urls) if (!url.includes("/api/") && !url.includes("/ws")) bytes += await compressedSize(url);
  assert.ok(bytes > 300_000 && bytes < 1_200_000, `the first load takes ${bytes} bytes`);
  const files = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  for (const file of files.filter((name) => /\.(js|css|wasm)$/.test(name))) {
    const { headers } = await fetch(file, { headers: { "accept-encoding": "br" } }).then((got) => ({ headers: got.headers }));
    assert.equal(headers.get("content-encoding"), "br", file);
  }
  console.log(`# first load: ${bytes} bytes`);
  await visitor.context.close();
});

test("text is text", async () => {
  const body = alice.message("no HTML").first().getByTestId("message-body");
  assert.equal(await body.locator("strong").innerText(), "bold");
  assert.match(await body.innerText(), /<b>no HTML<\/b>/);
});

test("the second load paints from the cache before the socket opens", async () => {
  await alice.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await world.relay.kill();
  await alice.page.reload();
  await alice.sees("Some bold words");
  await world.relay.start();
  await until("online again", async () => !/offline|connecting/i.test(await alice.at("status-bar").innerText().catch(() => "")), 60_000);
});

test("the keyboard alone suffices to register, find somebody and write", async () => {
  const dave = await world.visitor("Dave");
  const keyboard = dave.page.keyboard;
  await dave.at("auth-screen").waitFor();
  const focusOn = async (testId) => {
    for (let i = 0; i < 40; i += 1) {
      if (await dave.page.evaluate((id) => document.activeElement?.closest(`[data-testid="${id}"]`) !== null, testId)) return;
      await keyboard.press("Tab");
    }
    throw new Error(`Tab never reached ${testId}`);
  };
  if (!(await dave.at("register-form").isVisible())) {
    await focusOn("auth-switch");
    await keyboard.press("Enter");
  }
  for (const [field, text] of [["auth-display-name", "Dave"], ["auth-username", "dave"], ["auth-password", "correct horse battery"]]) {
    await focusOn(field);
    await keyboard.type(text);
  }
  await keyboard.press("Enter");
  await dave.at("shell").waitFor();
  await focusOn("new-button");
  await keyboard.press("Enter");
  await focusOn("people-search");
  await keyboard.type("alice");
  await dave.at("person").filter({ hasText: "Alice" }).first().waitFor();
  // The field keeps the focus; arrows choose (WAI-ARIA combobox).
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await dave.at("composer-input").waitFor();
  await focusOn("composer-input");
  await keyboard.type("Written without a mouse");
  await keyboard.press("Enter");
  await dave.sees("Written without a mouse");
  await alice.at("conversation-row").filter({ hasText: "Dave" }).waitFor();
});

test("a narrow phone shows one pane at a time and nothing overflows", async () => {
  await alice.page.setViewportSize({ width: 320, height: 640 });
  for (const open of [true, false]) {
    if (open) await alice.at("composer-input").waitFor();
    else await alice.at("conversation-back").click();
    const overflow = await alice.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
  }
  await alice.at("conversation-list").waitFor();
  await alice.page.setViewportSize({ width: 1180, height: 800 });
});

test("logging another device out ends it there and tells so", async () => {
  const phone = await world.visitor("Bob");
  await phone.login();
  await bob.at("menu-button").click();
  await bob.at("menu-settings").click();
  await bob.at("device").nth(1).waitFor();
  await bob.at("device-log-out").first().click();
  const confirm = bob.page.getByRole("dialog").getByRole("button", { name: /log out/i }).last();
  if (await confirm.isVisible().catch(() => false)) await confirm.click();
  await phone.at("login-needed").or(phone.at("auth-screen")).first().waitFor({ timeout: 60_000 });
});
