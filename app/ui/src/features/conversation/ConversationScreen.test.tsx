import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { createFake } from "../../bridge/fake/fake";
import { text } from "../../text";
import { testIds } from "../../testids";
import { person, rooms, show } from "./testing";

const t = text.conversation;

describe("the messages", () => {
  it("stand with their days, names, marks and the divider", async () => {
    const { messages } = await show(rooms.team);
    expect(screen.getAllByTestId(testIds.daySeparator).length).toBeGreaterThan(0);
    const divider = screen.getByTestId(testIds.unreadDivider);
    const after = messages().filter((one) => divider.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    expect(after.map((one) => one.getAttribute("data-own"))).toEqual(["false", "false", "false"]);
    expect(after[1]?.textContent).toContain("can you take the late shift?");
    expect(screen.getAllByTestId(testIds.systemMessage).at(-1)?.textContent).toContain("renamed the group");
    const own = messages().filter((one) => one.getAttribute("data-own") === "true");
    expect(
      within(own.at(-1) as HTMLElement)
        .getByTestId(testIds.messageState)
        .getAttribute("data-state"),
    ).toBe("read");
  });

  it("are marked as read while the page is looked at, and the divider stays", async () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    const { asked } = await show(rooms.team);
    await waitFor(() => expect(asked("mark_read").length).toBeGreaterThan(0));
    expect(screen.getByTestId(testIds.unreadDivider)).toBeTruthy();
  });

  it("are not marked as read while the page is not looked at", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const { asked, fake } = await show(rooms.team);
    act(() => fake.incoming(rooms.team, person(1), "anyone?"));
    await screen.findByText("anyone?", { selector: `[data-testid=${testIds.messageBody}] *` });
    expect(asked("mark_read")).toEqual([]);
    focus.mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event("focus")));
    await waitFor(() => expect(asked("mark_read").length).toBe(1));
  });

  it("that were refused say why and can be sent again or thrown away", async () => {
    const { user, asked, messages } = await show(rooms.failed);
    const failed = messages().find((one) => within(one).queryByTestId(testIds.messageTrouble));
    expect(failed).toBeDefined();
    await user.click(within(failed as HTMLElement).getByTestId(testIds.messageRetry));
    expect(asked("retry").map((request) => request.id)).toEqual([failed?.getAttribute("data-id")]);
  });

  it("are told to a screen reader as they come", async () => {
    const { fake } = await show(rooms.ada);
    act(() => fake.incoming(rooms.ada, person(1), "Running late"));
    const live = screen.getByTestId(testIds.conversationLive);
    await waitFor(() => expect(live.textContent).toContain("Ada Lovelace: Running late"));
    act(() => fake.incoming(rooms.team, person(1), "Elsewhere"));
    expect(live.textContent).not.toContain("Elsewhere");
  });

  it("that are missing are drawn as a hole and fetched when it is seen", async () => {
    const { asked } = await show(rooms.long, { seq: 3_420 });
    await waitFor(() => expect(asked("load").length).toBeGreaterThan(0));
    const { seq } = asked("load")[0] ?? { seq: 0 };
    expect(seq).toBeGreaterThanOrEqual(3_100);
    expect(seq).toBeLessThanOrEqual(3_420);
    // It was jumped to: it comes first.
    expect(seq).toBe(3_420);
  });

  it("can be jumped to from outside", async () => {
    const { asked, rerender } = await show(rooms.long);
    rerender({ seq: 2_000 });
    await waitFor(() => expect(asked("window").some(({ at }) => at.type === "around" && at.seq === 2_000)).toBe(true));
    await waitFor(() => expect(document.querySelector('[data-seq="2000"]')).toBeTruthy());
    expect(screen.getByTestId(testIds.jumpToNewest)).toBeTruthy();
  });

  it("are held in a bounded number", async () => {
    const { asked, messages } = await show(rooms.long);
    await waitFor(() => expect(asked("window").length).toBeGreaterThan(1));
    expect(messages().length).toBeLessThanOrEqual(240);
  });
});

describe("what can be done with a message", () => {
  it("is reached by keys: arrows, R, E, Delete and Escape", async () => {
    const { user, messages, input } = await show(rooms.ada);
    const own = messages().at(-1) as HTMLElement;
    act(() => own.focus());
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(messages().at(-2));
    await user.keyboard("r");
    expect(screen.getByTestId(testIds.composerBar).textContent).toContain("Ada Lovelace");
    expect(document.activeElement).toBe(input());
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId(testIds.composerBar)).toBeNull();
    act(() => own.focus());
    await user.keyboard("e");
    expect(input().value).toContain("Booked.");
    await user.keyboard("{Escape}");
    expect(input().value).toBe("");
    act(() => own.focus());
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(input());
  });

  it("is asked before it is deleted", async () => {
    const { user, messages, asked } = await show(rooms.ada);
    const own = messages().at(-1) as HTMLElement;
    act(() => own.focus());
    await user.keyboard("{Delete}");
    expect(asked("delete")).toEqual([]);
    await user.click(await screen.findByTestId(testIds.deleteConfirm));
    await waitFor(() => expect(asked("delete")[0]?.message).toBe(own.getAttribute("data-id")));
    await waitFor(() => expect(screen.queryByTestId(testIds.deleteConfirm)).toBeNull());
    expect(await screen.findAllByTestId(testIds.messageDeleted)).toBeTruthy();
  });

  it("does not offer to edit or delete what others wrote, without the right", async () => {
    const { user, messages } = await show(rooms.ada);
    const other = messages().find((one) => one.getAttribute("data-own") === "false") as HTMLElement;
    fireEvent.contextMenu(other);
    const menu = await screen.findByTestId(testIds.messageMenu);
    expect(within(menu).queryByTestId(testIds.menuEdit)).toBeNull();
    expect(within(menu).queryByTestId(testIds.menuDelete)).toBeNull();
    expect(within(menu).getByTestId(testIds.menuReply)).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId(testIds.messageMenu)).toBeNull();
  });

  it("puts a reaction and takes it back", async () => {
    const { user, messages, asked } = await show(rooms.ada);
    const last = messages().at(-1) as HTMLElement;
    fireEvent.contextMenu(last);
    await user.click(await screen.findByLabelText(t.actions.reactWith("👍")));
    const reaction = await within(last).findByTestId(testIds.reaction);
    expect(reaction.getAttribute("aria-pressed")).toBe("true");
    await user.click(reaction);
    expect(asked("react").map(({ emoji, on }) => [emoji, on])).toEqual([
      ["👍", true],
      ["👍", false],
    ]);
    await waitFor(() => expect(within(last).queryByTestId(testIds.reaction)).toBeNull());
  });

  it("finds an emoji by its name", async () => {
    const { user, input } = await show(rooms.ada);
    await user.click(screen.getByTestId(testIds.composerEmoji));
    await user.type(await screen.findByTestId(testIds.emojiSearch), "crab{Enter}");
    expect(input().value).toBe("🦀");
  });

  it("shows who has read it", async () => {
    const { user, messages } = await show(rooms.team);
    const own = messages()
      .filter((one) => one.getAttribute("data-own") === "true")
      .at(-1) as HTMLElement;
    fireEvent.contextMenu(own);
    await user.click(await screen.findByTestId(testIds.menuInfo));
    const info = await screen.findByTestId(testIds.messageInfo);
    expect(info.textContent).toContain("Chidi Okafor");
  });
});

describe("around the messages", () => {
  it("says who types", async () => {
    const { fake } = await show(rooms.ada);
    fake.world.watched = { conversation: rooms.ada, users: [person(1)] };
    act(() => fake.typing(rooms.ada, person(1), true));
    expect((await screen.findByTestId(testIds.typingLine)).textContent).toContain("Ada Lovelace is typing");
    act(() => fake.typing(rooms.ada, person(1), false));
    await waitFor(() => expect(screen.queryByTestId(testIds.typingLine)).toBeNull());
  });

  it("says why one cannot write", async () => {
    await show(rooms.removed);
    expect(screen.getByTestId(testIds.composerDisabled).textContent).toContain(t.composer.disabled.removed);
    expect(screen.queryByTestId(testIds.composerInput)).toBeNull();
  });

  it("says that a group could not be made, and tries again", async () => {
    const { fake, user, asked } = await show(rooms.team);
    const creation = { command: "00000000-0000-7000-8000-0000000000c1", problem: { code: "a_code_of_tomorrow", message: "Grace has blocked you." } };
    act(() => {
      fake.world.conversations.get(rooms.team)!.creation = creation;
      fake.changed({ type: "conversation", conversation: rooms.team });
    });
    const disabled = await screen.findByTestId(testIds.composerDisabled);
    expect(disabled.textContent).toContain("could not be made. Grace has blocked you.");
    expect(screen.getByTestId(testIds.creationDiscard)).toBeDefined();
    await user.click(screen.getByTestId(testIds.creationRetry));
    expect(asked("retry")).toContainEqual({ type: "retry", id: creation.command });
    await screen.findByTestId(testIds.composerInput);
  });

  it("blocks and unblocks", async () => {
    const { user, asked } = await show(rooms.ada);
    await user.click(screen.getByTestId(testIds.conversationMenu));
    await user.click(await screen.findByTestId(testIds.blockButton));
    const disabled = await screen.findByTestId(testIds.composerDisabled);
    expect(disabled.textContent).toContain("You blocked Ada Lovelace");
    await user.click(within(disabled).getByText(t.composer.disabled.unblock));
    await waitFor(() => expect(screen.getByTestId(testIds.composerInput)).toBeTruthy());
    expect(asked("block").map(({ blocked }) => blocked)).toEqual([true, false]);
  });

  it("searches here and leads to the matches", async () => {
    const { user, asked } = await show(rooms.long);
    await user.click(screen.getByTestId(testIds.conversationSearch));
    await user.type(screen.getByTestId(testIds.inSearchInput), "jitter");
    const hits = await screen.findAllByTestId(testIds.inSearchHit);
    expect(asked("search").at(-1)).toMatchObject({ text: "jitter", conversation: rooms.long });
    await user.click(hits.at(-1) as HTMLElement);
    const seq = Number(hits.at(-1)?.getAttribute("data-seq"));
    await waitFor(() => expect(document.querySelector(`[data-seq="${seq}"]`)).toBeTruthy());
  });

  it("shows an empty conversation as a beginning", async () => {
    const fake = createFake();
    const { conversation } = await fake.request({
      type: "open_direct",
      user: { id: person(4), username: "dana", display_name: "Dana" },
    });
    await show(conversation, {}, fake, false);
    expect(await screen.findByTestId(testIds.conversationEmpty)).toBeTruthy();
  });

  it("says so when there is no such conversation", async () => {
    await show("0000000c-0000-7000-8000-00000000ffff", {}, createFake(), false);
    expect((await screen.findByRole("alert")).textContent).toContain(t.notHere.title);
  });
});
