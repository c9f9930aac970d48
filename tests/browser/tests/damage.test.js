// The database in OPFS is damaged between two loads: it is set aside, and what only this device has is still there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Front } from "../front.js";
import { World, password, until } from "../harness.js";
import { Wire, directId } from "../wire.js";

const held = 300;
let world, front, bob, alice, conversation;

before(async () => {
  world = await World.open();
  front = await Front.before(world.relay);
  bob = await Wire.register(world.relay, "bob", "Bob", password);
  alice = await world.person("Alice", { line: front });
  const { users } = await bob.ask("find_users", { query: "alice" });
  conversation = directId(bob.user.id, users[0].id);
  const texts = Array.from({ length: held }, (_, i) => `Held here ${i + 1}, ${"and so on ".repeat(10)}`);
  await bob.sendMany(conversation, texts, { direct_with: users[0].id });
  await alice.openConversation("Bob");
  await alice.goToEnd(`Held here ${held},`);
});
after(async () => {
  bob.close();
  await world.close();
  await front.close();
});

/**
 * Leaves the page, so that nobody has the database open, and overwrites those of its pages that `damages` chooses by
 * their number and their text. Gives how many there were and how many were overwritten.
 */
async function damage(person, damages) {
  // Of the same origin, and without the client in it.
  await person.page.goto(`${person.line.url}/api/health`);
  return await person.page.evaluate(
    async ([source]) => {
      const damages = eval(source);
      const header = 4096;
      async function* files(folder) {
        for await (const entry of folder.values()) {
          if (entry.kind === "directory") yield* files(entry);
          else yield entry;
        }
      }
      // A file of the pool begins with the name that it has for SQLite; the database follows. The newest is in use.
      const found = [];
      for await (const handle of files(await navigator.storage.getDirectory())) {
        const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
        const name = new TextDecoder().decode(bytes.subarray(0, 512)).replace(/\0.*$/s, "");
        const match = /confab(?:-(\d+))?\.db$/.exec(name);
        if (match) found.push({ handle, bytes, name, number: Number(match[1] ?? 1) });
      }
      const { handle, bytes, name } = found.sort((a, b) => b.number - a.number)[0];
      const size = bytes[header + 16] * 256 + bytes[header + 17];
      const pages = (bytes.length - header) / size;
      let damaged = 0;
      for (let page = 0; page < pages; page += 1) {
        const at = header + page * size;
        const part = bytes.subarray(at, at + size);
        if (!damages(page + 1, new TextDecoder("latin1").decode(part))) continue;
        part.fill(0xff);
        damaged += 1;
      }
      // The worker that had the file may still be going.
      for (let tries = 1; ; tries += 1) {
        try {
          const writable = await handle.createWritable();
          await writable.write(bytes);
          await writable.close();
          return { name, pages, damaged };
        } catch (error) {
          if (error.name !== "NoModificationAllowedError" || tries === 100) throw error;
          await new Promise((done) => setTimeout(done, 100));
        }
      }
    },
    [`(${damages})`],
  );
}

/** The notice goes by itself: who wants to see it looks from the beginning. */
const isTold = (words) =>
  alice.at("toast").filter({ hasText: "The data on this device was damaged" }).filter({ hasText: words }).waitFor({ timeout: 60_000 });

test("pages of what the relay has too: the rest is fetched again, and unsent work is sent once", async () => {
  front.shutWebSockets();
  for (const text of ["one", "two"]) await alice.send(`Unsent ${text}`);
  await alice.at("composer-input").fill("Half a thou");
  const done = await damage(alice, (page, text) => text.split("Held here").length > 5);
  assert.ok(done.damaged > 5 && done.damaged < done.pages, JSON.stringify(done));

  await alice.page.goto(`${front.url}/`);
  const told = isTold("What waits to be sent was kept");
  await alice.openConversation("Bob");
  await told;
  await alice.shot("damaged");
  for (const text of ["one", "two"]) await alice.sees(`Unsent ${text}`);
  await until("the draft", async () => (await alice.at("composer-input").inputValue()) === "Half a thou");

  front.openWebSockets();
  await until("nothing waits", async () => (await alice.page.locator('[data-pending="true"]').count()) === 0, 60_000);
  await alice.sees(`Held here ${held},`);
  const page = await bob.ask("history", { conversation });
  const texts = page.messages.slice(-3).map((message) => message.content.text.split(",")[0]);
  assert.deepEqual(texts, [`Held here ${held}`, "Unsent one", "Unsent two"]);
});

test("the head of the file: nothing can be read, one is told so, and logs in again", async () => {
  const done = await damage(alice, (page) => page === 1);
  assert.deepEqual([done.name.replace("/", ""), done.damaged], ["confab-2.db", 1], "what was set aside is in use no more");
  const told = isTold("A part of it could not be read: look whether something that you wrote last is missing.");
  await alice.page.goto(`${front.url}/`);
  await alice.at("auth-screen").waitFor();
  await told;
  await alice.shot("damaged-head");
  await alice.login();
  await alice.openConversation("Bob");
  await alice.sees("Unsent two");
  await alice.send("After the damage");
  await alice.page.reload();
  await alice.sees("After the damage");
});
