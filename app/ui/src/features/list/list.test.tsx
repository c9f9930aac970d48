import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, rowOf, screen, start, testIds, within } from "../../../tests/app";
import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import { conversationRow } from "../../bridge/fake/views";
import { createFake } from "../../bridge/fake/fake";
import { tickOf } from "./Row";

const titles = () => screen.getAllByTestId(testIds.row).map((row) => row.dataset["id"]);

test("a row tells what waits: unread, mention, draft, what was not sent, who is there", async () => {
  const { fake } = await start();
  const crew = within(rowOf(2));
  expect(crew.getByTestId(testIds.rowUnread).textContent).toBe("3");
  expect(crew.getByTestId(testIds.rowMention)).toBeDefined();
  expect(rowOf(5).textContent).toContain("Draft: I wanted to ask whether");
  expect(within(rowOf(4)).getByTestId(testIds.rowFailed).getAttribute("aria-label")).toBe("1 message was not sent");
  expect(within(rowOf(4)).getByTestId(testIds.rowReceipt).dataset["state"]).toBe("pending");
  expect(within(rowOf(1)).getByTestId(testIds.rowReceipt).dataset["state"]).toBe("read");
  await expect.poll(() => within(rowOf(1)).queryByTestId(testIds.rowPresence)).not.toBeNull();
  expect(within(rowOf(5)).queryByTestId(testIds.rowPresence)).toBeNull();
  // Offline nobody is known to be there.
  await act(async () => fake.session({ connection: "offline" }));
  await expect.poll(() => within(rowOf(1)).queryByTestId(testIds.rowPresence)).toBeNull();
});

test("a system message is told with names", async () => {
  await start();
  expect(rowOf(20).textContent.replace(/[\u2068\u2069]/gu, "")).toContain("Dana Whitfield-Castellanos removed you");
});

test("marks are read or delivered only when all others have them", () => {
  const fake = createFake();
  const row = conversationRow(fake.world, fake.world.conversations.get(fakeId("conversation", 1))!);
  const ticks = (delivered: number, read: number, of: number, more: Partial<ConversationRow> = {}) =>
    tickOf({ ...row, ...more, last: { ...row.last!, receipt: { delivered, read, of } } });
  expect(ticks(3, 3, 3)).toBe("read");
  expect(ticks(3, 2, 3)).toBe("delivered");
  expect(ticks(2, 0, 3)).toBe("sent");
  // In large conversations marks are not shared.
  expect(ticks(0, 0, 0)).toBe("sent");
  expect(tickOf({ ...row, last: { ...row.last!, own: false } })).toBeNull();
});

test("what comes newly moves to the top and counts", async () => {
  const { fake } = await start();
  const grace = fakeId("conversation", 5);
  expect(titles()[0]).not.toBe(grace);
  await act(async () => fake.incoming(grace, fakeId("user", 7), "Are you there?"));
  await expect.poll(() => within(rowOf(5)).queryByTestId(testIds.rowUnread)?.textContent).toBe("1");
  expect(document.title).toBe("(3) Confab");
});

test("the arrows move through the rows and Enter opens one", async () => {
  const { user } = await start();
  const rows = screen.getAllByTestId(testIds.row);
  expect(rows.filter((row) => row.tabIndex === 0)).toHaveLength(1);
  rows[0]!.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
  expect(document.activeElement).toBe(rows[1]);
  await user.keyboard("{End}");
  expect(document.activeElement).toBe(rows.at(-1));
  await user.keyboard("{Home}{Enter}");
  expect(window.location.hash).toBe(`#/c/${rows[0]!.dataset["id"]}`);
});

test("hiding takes a conversation out of the list, with a way back", async () => {
  const { fake, user } = await start();
  await user.pointer({ keys: "[MouseRight]", target: rowOf(1) });
  await user.click(await screen.findByRole("menuitem", { name: "Hide" }));
  await expect.poll(() => titles().includes(fakeId("conversation", 1))).toBe(false);
  expect(screen.getByTestId(testIds.listShowHidden).textContent).toContain("Show 2 hidden");
  await user.click(screen.getByRole("button", { name: "Undo" }));
  await expect.poll(() => titles().includes(fakeId("conversation", 1))).toBe(true);
  const hides = fake.asked.filter((request) => request.type === "hide");
  expect(hides.map((request) => request.hidden)).toEqual([true, false]);
  // Undoing is a deed of its own and has an id of its own.
  expect(new Set(hides.map((request) => request.id)).size).toBe(2);
});

test("hidden conversations are shown when asked for", async () => {
  const { user } = await start();
  const hidden = fakeId("conversation", 10);
  expect(titles()).not.toContain(hidden);
  await user.click(screen.getByTestId(testIds.listShowHidden));
  expect(titles()).toContain(hidden);
});

test("marking as read goes up to the newest", async () => {
  const { fake, user } = await start();
  await user.pointer({ keys: "[MouseRight]", target: rowOf(2) });
  await user.click(await screen.findByRole("menuitem", { name: "Mark as read" }));
  await expect.poll(() => within(rowOf(2)).queryByTestId(testIds.rowUnread)).toBeNull();
  const last = fake.world.conversations.get(fakeId("conversation", 2))!.messages.length;
  expect(fake.asked.find((request) => request.type === "mark_read")).toMatchObject({ seq: last });
});

test("with nobody yet, the list says what to do", async () => {
  const { user } = await start({ empty: true });
  const empty = await screen.findByTestId(testIds.listEmpty);
  await user.click(within(empty).getByRole("button"));
  expect(await screen.findByTestId(testIds.newDirect)).toBeDefined();
});


test("a preview shows what a message says, without its marks", async () => {
  const { fake } = await start();
  await act(async () => fake.incoming(fakeId("conversation", 1), fakeId("user", 1), "**Done**, see `main.rs`:\n> all _green_"));
  await expect.poll(() => rowOf(1).textContent).toContain("Done, see main.rs: all green");
});
