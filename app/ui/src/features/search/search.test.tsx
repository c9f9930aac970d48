import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, screen, start, testIds } from "../../../tests/app";
import { append, lastSeq } from "../../bridge/fake/world";
import type { Fake } from "../../bridge/fake/fake";
import { runsOf } from "../../ui";

const hits = () => screen.queryAllByTestId(testIds.searchHit);
const say = (fake: Fake, conversation: number, number: number, text: string) =>
  append(fake.world.conversations.get(fakeId("conversation", conversation))!, {
    id: fakeId("message", 700_000 + number),
    sender: fakeId("user", 1),
    at: fake.world.now() - number,
    content: { type: "text", text },
  });

test("a snippet is cut at its matches, also where they overlap or lie", () => {
  expect(runsOf("abcdef", [[1, 3], [2, 4]])).toEqual([
    { text: "a", hit: false, start: 0 },
    { text: "bc", hit: true, start: 1 },
    { text: "d", hit: true, start: 3 },
    { text: "ef", hit: false, start: 4 },
  ]);
  expect(runsOf("ab", [[5, 9], [1, 1]])).toEqual([{ text: "ab", hit: false, start: 0 }]);
  // UTF-16 places, as the engine counts: the emoji is two.
  expect(runsOf("🚄 train", [[3, 8]]).find((run) => run.hit)?.text).toBe("train");
});

test("a hit leads to its place", async () => {
  const { fake, user } = await start({ before: (made) => say(made, 1, 1, "the zebra crossing") });
  await user.click(screen.getByTestId(testIds.searchButton));
  await user.type(screen.getByTestId(testIds.searchInput), "zebra");
  await expect.poll(() => hits().length).toBe(1);
  expect(hits()[0]!.querySelector("mark")?.textContent).toBe("zebra");
  await user.keyboard("{ArrowDown}{Enter}");
  const seq = lastSeq(fake.world.conversations.get(fakeId("conversation", 1))!);
  expect(window.location.hash).toBe(`#/c/${fakeId("conversation", 1)}/m/${seq}`);
  // Beside the conversation the search stays, to go on to the next hit.
  expect(screen.getByTestId(testIds.searchPane)).toBeDefined();
});

test("what could not be searched is told", async () => {
  const { user } = await start();
  await user.click(screen.getByTestId(testIds.searchButton));
  await user.type(screen.getByTestId(testIds.searchInput), "crane");
  const note = await screen.findByTestId(testIds.searchNotSearched);
  expect(note.textContent).toContain("921 older messages are not on this device");
});

test("older pages follow, and are gone with the next text", async () => {
  const { user } = await start({
    before: (made) => {
      for (let number = 0; number < 45; number += 1) say(made, 1, number, `walrus ${number}`);
    },
  });
  await user.click(screen.getByTestId(testIds.searchButton));
  await user.type(screen.getByTestId(testIds.searchInput), "walrus");
  await expect.poll(() => hits().length).toBe(30);
  await user.click(screen.getByRole("button", { name: "Older messages" }));
  await expect.poll(() => hits().length).toBe(45);
  expect(new Set(hits().map((hit) => hit.dataset["id"])).size).toBe(45);
  await user.type(screen.getByTestId(testIds.searchInput), " 44");
  await expect.poll(() => hits().length).toBe(1);
});

test("what is found follows what is said, and older pages stay whole", async () => {
  const { fake, user } = await start({
    before: (made) => {
      for (let number = 0; number < 45; number += 1) say(made, 1, 44 - number, `walrus ${number}`);
    },
  });
  await user.click(screen.getByTestId(testIds.searchButton));
  await user.type(screen.getByTestId(testIds.searchInput), "walrus");
  await expect.poll(() => hits().length).toBe(30);
  await user.click(screen.getByRole("button", { name: "Older messages" }));
  await expect.poll(() => hits().length).toBe(45);
  await act(async () => fake.incoming(fakeId("conversation", 2), fakeId("user", 1), "a new walrus"));
  await expect.poll(() => hits().length, { timeout: 3_000 }).toBe(46);
  expect(new Set(hits().map((hit) => hit.dataset["id"])).size).toBe(46);
  expect(hits().some((hit) => hit.textContent.includes("a new walrus"))).toBe(true);
});

test("a late answer to an earlier text is not shown", async () => {
  const { fake, user } = await start({
    before: (made) => {
      say(made, 1, 1, "walrus one");
      say(made, 1, 2, "zebra two");
    },
  });
  await user.click(screen.getByTestId(testIds.searchButton));
  const late = fake.holdNext("search");
  await user.type(screen.getByTestId(testIds.searchInput), "walrus");
  await expect.poll(() => fake.asked.some((request) => request.type === "search" && request.text === "walrus")).toBe(true);
  await user.clear(screen.getByTestId(testIds.searchInput));
  await user.type(screen.getByTestId(testIds.searchInput), "zebra");
  await expect.poll(() => hits().map((hit) => hit.querySelector("mark")?.textContent)).toEqual(["zebra"]);
  await act(async () => late());
  expect(hits().map((hit) => hit.querySelector("mark")?.textContent)).toEqual(["zebra"]);
});

test("nothing found is said, and Escape goes back to the list", async () => {
  const { user } = await start();
  await user.click(screen.getByTestId(testIds.searchButton));
  await user.type(screen.getByTestId(testIds.searchInput), "xyzzy");
  expect(await screen.findByText(/holds “xyzzy”/)).toBeDefined();
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId(testIds.searchPane)).toBeNull();
});

test("Ctrl+K goes to a conversation by a few letters", async () => {
  const { user } = await start();
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId(testIds.switcherInput), "crew");
  expect(screen.getAllByTestId(testIds.switcherRow)).toHaveLength(1);
  await user.keyboard("{Enter}");
  expect(window.location.hash).toBe(`#/c/${fakeId("conversation", 2)}`);
  expect(screen.queryByTestId(testIds.switcher)).toBeNull();
});

test("the switcher's last choice searches the messages", async () => {
  const { user } = await start();
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId(testIds.switcherInput), "crane");
  await user.keyboard("{ArrowUp}{Enter}");
  expect((await screen.findByTestId<HTMLInputElement>(testIds.searchInput)).value).toBe("crane");
  await expect.poll(() => hits().length).toBe(1);
});

test("from its details a conversation is searched alone, and the keys do the same", async () => {
  const { fake, user } = await start({ hash: `#/c/${fakeId("conversation", 2)}/details` });
  await screen.findByTestId(testIds.details);
  await user.click(screen.getByRole("button", { name: "Search in it" }));
  await user.type(await screen.findByTestId(testIds.inSearchInput), "run");
  await expect.poll(() => screen.queryAllByTestId(testIds.inSearchHit).length).toBeGreaterThan(0);
  const last = fake.asked.findLast((request) => request.type === "search");
  expect(last).toMatchObject({ conversation: fakeId("conversation", 2) });
  expect(screen.queryByTestId(testIds.searchPane)).toBeNull();
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId(testIds.inSearchInput)).toBeNull();
  await user.keyboard("{Control>}f{/Control}");
  expect(document.activeElement).toBe(await screen.findByTestId(testIds.inSearchInput));
});
