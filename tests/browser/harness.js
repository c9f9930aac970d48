// A real relay and real browsers, for tests that read like what people do.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { args, executablePath } from "./chromium.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.CONFAB_RELAY ?? join(root, "target/release/relay");
export const screenshots = join(root, "tests/screenshots");
mkdirSync(screenshots, { recursive: true });

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A relay on a port and a data folder of its own; `kill` is -9, `stop` is SIGTERM, `start` puts it back. */
export class Relay {
  static async start(env = {}) {
    const relay = new Relay();
    relay.dataDir = mkdtempSync(join(tmpdir(), "confab-relay-"));
    relay.env = env;
    for (let tries = 1; ; tries += 1) {
      relay.port = await freePort();
      relay.url = `http://localhost:${relay.port}`;
      try {
        await relay.start();
        return relay;
      } catch (error) {
        // Whatever else runs on this machine may have taken the port since.
        if (tries === 5 || !/already in use/.test(relay.log)) throw error;
      }
    }
  }

  async start() {
    this.log = "";
    this.process = spawn(binary, [], {
      env: { ...process.env, PORT: String(this.port), DATA_DIR: this.dataDir, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.exited = new Promise((done) => this.process.once("exit", done));
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (text) => (this.log += text));
    const started = Date.now();
    for (;;) {
      const health = await fetch(`${this.url}/api/health`).catch(() => undefined);
      if (health?.ok) return;
      if (this.process.exitCode !== null || Date.now() - started > 20_000)
        throw new Error(`the relay did not start:\n${this.log}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  }

  async kill() {
    this.process.kill("SIGKILL");
    await this.exited;
  }

  async stop() {
    this.process.kill("SIGTERM");
    return await this.exited;
  }

  async remove() {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async post(path, body, token) {
    const headers = { "content-type": "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, body: answer.status === 204 ? undefined : await answer.json() };
  }
}

export const password = "correct horse battery";

/** All people of a test file share one browser; each has a profile (a context) of their own. */
export class World {
  static async open(env) {
    const world = new World();
    world.relay = await Relay.start(env);
    world.browser = await chromium.launch({
      executablePath,
      args: [...args, "--host-resolver-rules=MAP confab.test 127.0.0.1"],
    });
    world.people = [];
    return world;
  }

  async close() {
    await this.browser.close();
    await this.relay.remove();
  }

  /** Somebody with a browser of their own, at the first screen. `line` is the way to the relay, if it may be cut. */
  async visitor(name, { line, ...options } = {}) {
    const person = new Person(this, name);
    person.line = line;
    person.context = await this.browser.newContext({
      viewport: { width: 1180, height: 800 },
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      ...options,
    });
    await person.open();
    this.people.push(person);
    return person;
  }

  /** Somebody who has registered. */
  async person(name, options) {
    const person = await this.visitor(name, options);
    await person.register();
    return person;
  }
}

/** One person at one tab; `tab()` opens another one of the same profile. */
export class Person {
  constructor(world, name) {
    this.world = world;
    this.name = name;
    this.username = name.toLowerCase();
    this.problems = [];
  }

  async open(path = "/") {
    this.page = await this.context.newPage();
    this.page.on("pageerror", (error) => this.problems.push(`${this.name}: ${error.message}`));
    this.page.on("console", (message) => {
      // A refused connection is what the tests cause; anything else that the console calls an error is ours.
      if (message.type() !== "error" || /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|Failed to load resource|WebSocket connection/.test(message.text())) return;
      this.problems.push(`${this.name}: ${message.text()}`);
    });
    await this.page.goto((this.line ?? this.world.relay).url + path);
  }

  async tab() {
    const other = new Person(this.world, this.name);
    other.context = this.context;
    other.line = this.line;
    other.problems = this.problems;
    await other.open();
    await other.at("shell").waitFor();
    return other;
  }

  at(testId) {
    return this.page.getByTestId(testId);
  }

  async register() {
    await this.at("auth-screen").waitFor();
    if (!(await this.at("register-form").isVisible())) await this.at("auth-switch").click();
    await this.at("auth-display-name").fill(this.name);
    await this.at("auth-username").fill(this.username);
    await this.at("auth-password").fill(password);
    await this.at("auth-submit").click();
    await this.at("shell").waitFor();
  }

  async login() {
    await this.at("auth-screen").waitFor();
    if (!(await this.at("login-form").isVisible())) await this.at("auth-switch").click();
    await this.at("auth-username").fill(this.username);
    await this.at("auth-password").fill(password);
    await this.at("auth-submit").click();
    await this.at("shell").waitFor();
  }

  /** Opens the direct conversation with somebody by finding them. */
  async writeTo(other) {
    await this.at("new-button").click();
    await this.at("people-search").fill(other.username);
    await this.at("person").filter({ hasText: other.name }).first().click();
    await this.shows(other.name);
  }

  /** The conversation of this title is the one on the screen, not the one before it. */
  async shows(title) {
    await this.at("conversation-title").filter({ hasText: title }).waitFor();
    await this.at("composer-input").waitFor();
  }

  async openConversation(title) {
    await this.at("conversation-row").filter({ hasText: title }).first().click();
    await this.shows(title);
  }

  async send(text) {
    await this.at("composer-input").fill(text);
    await this.at("composer-send").click();
    // The composer empties only once the message is stored here.
    await this.page.waitForFunction(() => document.querySelector('[data-testid="composer-input"]')?.value === "");
  }

  /** From where the conversation opens, the first unread message maybe, to its end, which this message is. */
  async goToEnd(newest) {
    const jump = this.at("jump-to-newest");
    await until("the newest message", async () => {
      if (await jump.isVisible()) await jump.click({ timeout: 1000 }).catch(() => {});
      return await this.message(newest).first().isVisible();
    });
  }

  message(text) {
    return this.at("message").filter({ hasText: text });
  }

  async sees(text, options) {
    await this.message(text).first().waitFor(options);
  }

  /** The texts of the messages that are drawn now, in order. */
  async texts() {
    return await this.at("message-body").evaluateAll((bodies) =>
      bodies.map((body) => {
        const copy = body.cloneNode(true);
        for (const other of copy.querySelectorAll("time, [data-testid=message-state], [aria-hidden=true]")) other.remove();
        return copy.textContent.trim();
      }),
    );
  }

  async shot(name) {
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
}

/** Waits for what no event tells, with a bound that only a failure reaches. */
export async function until(what, condition, timeout = 30_000) {
  const started = Date.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() - started > timeout) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
