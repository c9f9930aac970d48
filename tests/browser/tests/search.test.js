// Search finds in the browser what it finds natively: the same texts and the same hits as app/core/store/tests/cache.rs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { World, password, until } from "../harness.js";
import { Wire, directId } from "../wire.js";

const { texts, queries } = JSON.parse(readFileSync(new URL("../../search.json", import.meta.url), "utf8"));
let world, alice, bob;

before(async () => {
  world = await World.open();
  bob = await Wire.register(world.relay, "bob", "Bob", password);
  alice = await world.person("Alice");
  const { users } = await bob.ask("find_users", { query: "alice" });
  await bob.sendMany(directId(bob.user.id, users[0].id), texts, { direct_with: users[0].id });
  await alice.openConversation("Bob");
  await alice.sees(texts.at(-1));
});
after(async () => {
  bob.close();
  await world.close();
});

test("parts of words, single characters and every script are found, and nothing else", async () => {
  await alice.at("search-button").click();
  const input = alice.at("search-input");
  const hits = alice.at("search-hit");
  /** The places of the messages that are found, as their addresses tell. */
  const found = () => hits.evaluateAll((all) => all.map((hit) => Number(hit.getAttribute("href").split("/").at(-1))));
  for (const { query, hits: wanted, why } of queries) {
    await input.fill("");
    await until("nothing is searched for", async () => (await hits.count()) === 0);
    await input.fill(query);
    // While it is searched, there is a sign of that in the place of this button, and earlier hits may stand below.
    await alice.at("search-pane").getByRole("button", { name: "Clear" }).waitFor();
    assert.deepEqual(await found(), wanted, `${query}: ${why}`);
  }
});
