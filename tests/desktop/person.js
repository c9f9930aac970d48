/** Somebody at a desktop app: what people do, in the words of the browser tests' harness. */
import { appsOf, openApp, until } from "./app.js";
import { password } from "../browser/harness.js";

export class DesktopPerson {
  constructor(desktop, folder, name) {
    Object.assign(this, { desktop, folder, name, username: name.toLowerCase() });
  }

  static async first(desktop, folder, name, relay) {
    const person = new DesktopPerson(desktop, folder, name);
    await person.open();
    await person.agree();
    await person.register(relay);
    return person;
  }

  async open(options) {
    this.app = await openApp(this.desktop, this.folder, options);
  }

  /** Ends the app by the keyboard, as a person does. */
  async quit() {
    // The answer may not come any more.
    await this.app.keys("q", { ctrl: true }).catch(() => undefined);
    await until("the app has ended", () => appsOf(this.folder).length === 0);
    await this.app.close();
  }

  /** There is no keychain on the tests' bus. */
  async agree() {
    await this.app.click("secrets-file");
    await until("the question is gone", async () => !(await this.app.has("secrets")));
  }

  async register(relay) {
    await this.app.type("welcome-address", relay);
    await this.app.click("welcome-submit");
    await this.app.find("auth-screen");
    if (!(await this.app.has("register-form"))) await this.app.click("auth-switch");
    await this.app.type("auth-display-name", this.name);
    await this.app.type("auth-username", this.username);
    await this.app.type("auth-password", password);
    await this.app.click("auth-submit");
    await this.app.find("shell");
  }

  /** Where somebody was logged in before. */
  async login() {
    await this.app.find("auth-screen");
    if (await this.app.has("register-form")) await this.app.click("auth-switch");
    await this.app.type("auth-username", this.username);
    await this.app.type("auth-password", password);
    await this.app.click("auth-submit");
    await this.app.find("shell");
  }

  async writeTo(name) {
    await this.app.click("new-button");
    await this.app.type("people-search", name.toLowerCase());
    await this.app.click("person", name);
    await this.app.find("conversation-title", name);
    await this.app.find("composer-input");
  }

  async openConversation(title) {
    await this.app.click("conversation-row", title);
    await this.app.find("conversation-title", title);
  }

  async send(text) {
    await this.app.type("composer-input", text);
    await this.app.click("composer-send");
    await until("the composer is empty", () => this.app.script("return document.querySelector('[data-testid=composer-input]').value === ''"));
  }

  async sees(text) {
    await this.app.find("message", text);
  }

  async bodies() {
    return await this.app.script(
      "return [...document.querySelectorAll('[data-testid=message-body]')].map((b) => { const c = b.cloneNode(true); for (const o of c.querySelectorAll('time, [data-testid=message-state], [aria-hidden=true]')) o.remove(); return c.textContent.trim(); })",
    );
  }
}
