import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { createFake } from "../../../bridge/fake/fake";
import { testIds } from "../../../testids";
import { TEXT_BYTES } from "../model/bytes";
import { person, rooms, show } from "../testing";

const refusal = { code: "storage", message: "The disk is full." };

describe("sending", () => {
  it("empties only after the engine has it", async () => {
    const { fake, user, input, asked } = await show(rooms.ada);
    const release = fake.holdNext("send");
    await user.type(input(), "On my way");
    await user.keyboard("{Enter}");
    expect(asked("send")).toHaveLength(1);
    expect(input().value).toBe("On my way");
    release();
    await waitFor(() => expect(input().value).toBe(""));
    expect(asked("send")[0]).toMatchObject({ conversation: rooms.ada, text: "On my way", mentions: [] });
    expect(await screen.findByText("On my way")).toBeTruthy();
  });

  it("does not send twice while the first is on its way, and keeps what is typed meanwhile", async () => {
    const { fake, user, input, asked } = await show(rooms.ada);
    const release = fake.holdNext("send");
    await user.type(input(), "one{Enter}{Enter}");
    await user.type(input(), " two");
    release();
    await waitFor(() => expect(input().value).toBe(" two"));
    expect(asked("send")).toHaveLength(1);
  });

  it("keeps the text when it is refused, and tries again under the same id", async () => {
    const { fake, user, input, asked } = await show(rooms.ada);
    fake.refuseNext("send", refusal);
    await user.type(input(), "Keep me{Enter}");
    expect(await screen.findByTestId(testIds.composerProblem)).toBeTruthy();
    expect(input().value).toBe("Keep me");
    await user.type(input(), "{Enter}");
    await waitFor(() => expect(input().value).toBe(""));
    const [first, second] = asked("send");
    expect(second?.id).toBe(first?.id);
    expect(first?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it("takes a new id for another text", async () => {
    const { fake, user, input, asked } = await show(rooms.ada);
    fake.refuseNext("send", refusal);
    await user.type(input(), "One{Enter}");
    await screen.findByTestId(testIds.composerProblem);
    await user.type(input(), "!{Enter}");
    await waitFor(() => expect(input().value).toBe(""));
    expect(new Set(asked("send").map(({ id }) => id)).size).toBe(2);
  });

  it("breaks the line with Shift+Enter and while an input method chooses", async () => {
    const { user, input, asked } = await show(rooms.ada);
    await user.type(input(), "a{Shift>}{Enter}{/Shift}b");
    expect(input().value).toBe("a\nb");
    fireEvent.keyDown(input(), { key: "Enter", isComposing: true });
    expect(asked("send")).toEqual([]);
  });

  it("breaks the line with Enter under a finger", async () => {
    vi.spyOn(window, "matchMedia").mockImplementation(
      (query) =>
        ({
          matches: query.includes("coarse"),
          addEventListener: () => undefined,
          removeEventListener: () => undefined,
        }) as never,
    );
    const { user, input, asked } = await show(rooms.ada);
    await user.type(input(), "a{Enter}b");
    expect(input().value).toBe("a\nb");
    expect(asked("send")).toEqual([]);
    await user.click(screen.getByTestId(testIds.composerSend));
    await waitFor(() => expect(asked("send")).toHaveLength(1));
  });

  it("sends nothing empty", async () => {
    const { user, input, asked } = await show(rooms.ada);
    await user.type(input(), "  {Enter}");
    expect(asked("send")).toEqual([]);
  });

  it("counts bytes near the bound and does not send beyond it", async () => {
    const { user, input, asked } = await show(rooms.ada);
    fireEvent.change(input(), { target: { value: "é".repeat(TEXT_BYTES / 2 - 10) } });
    expect(screen.getByTestId(testIds.composerBytes).textContent).toContain("20");
    fireEvent.change(input(), { target: { value: "é".repeat(TEXT_BYTES / 2 + 1) } });
    expect(screen.getByTestId(testIds.composerBytes).hasAttribute("data-over")).toBe(true);
    await user.type(input(), "{Enter}");
    expect(asked("send")).toEqual([]);
  });

  it("pastes text alone", async () => {
    const { input } = await show(rooms.ada);
    fireEvent.paste(input(), {
      clipboardData: { getData: (type: string) => (type === "text/plain" ? "a\r\nb" : "<b>a</b>") },
    });
    expect(input().value).toBe("a\nb");
  });
});

describe("answers and edits", () => {
  it("edits the last own message with the arrow up, and brings back what stood there", async () => {
    const { user, input, asked } = await show(rooms.ada);
    act(() => input().focus());
    await user.keyboard("{ArrowUp}");
    expect(input().value).toContain("Booked.");
    await user.type(input(), "!{Enter}");
    await waitFor(() => expect(asked("edit")).toHaveLength(1));
    expect(asked("edit")[0]?.text).toBe("Booked. Seats 41 and 42 🚄!");
    await waitFor(() => expect(input().value).toBe(""));
    expect(screen.queryByTestId(testIds.composerBar)).toBeNull();
    expect(asked("send")).toEqual([]);
  });

  it("keeps an unfinished text through an edit", async () => {
    const { user, input, messages } = await show(rooms.ada);
    await user.type(input(), "unfinished");
    act(() => (messages().at(-1) as HTMLElement).focus());
    await user.keyboard("e");
    expect(input().value).toContain("Booked.");
    await user.keyboard("{Escape}");
    expect(input().value).toBe("unfinished");
  });

  it("names what it answers", async () => {
    const { user, messages, input, asked } = await show(rooms.ada);
    const other = messages()
      .filter((one) => one.getAttribute("data-own") === "false")
      .at(-1) as HTMLElement;
    act(() => other.focus());
    await user.keyboard("r");
    await user.type(input(), "Yes{Enter}");
    await waitFor(() => expect(asked("send")[0]?.reply_to).toBe(other.getAttribute("data-id")));
    await waitFor(() => expect(screen.queryByTestId(testIds.composerBar)).toBeNull());
  });

  it("keeps both the edit and the unfinished text when it is shown again", async () => {
    const { user, input, messages, unmount, fake } = await show(rooms.ada);
    await user.type(input(), "unfinished");
    act(() => (messages().at(-1) as HTMLElement).focus());
    await user.keyboard("e");
    await user.type(input(), " And tea.");
    unmount();
    await waitFor(() => expect(fake.world.conversations.get(rooms.ada)?.draft.edit?.text).toMatch(/tea\.$/));
    const again = await show(rooms.ada, {}, fake);
    await waitFor(() => expect(again.input().value).toMatch(/Booked.* And tea\.$/));
    expect(screen.getByTestId(testIds.composerBar).dataset["kind"]).toBe("edit");
    await user.click(screen.getByTestId(testIds.composerBarClose));
    expect(again.input().value).toBe("unfinished");
  });

  it("go on when one types while the edit is stored", async () => {
    const { fake, user, input, asked } = await show(rooms.ada);
    act(() => input().focus());
    await user.keyboard("{ArrowUp}");
    const release = fake.holdNext("edit");
    await user.type(input(), "!{Enter}?");
    release();
    await waitFor(() => expect(asked("edit")).toHaveLength(1));
    await act(async () => Promise.resolve());
    expect(input().value).toMatch(/!\?$/);
    expect(screen.getByTestId(testIds.composerBar).dataset["kind"]).toBe("edit");
  });
});

describe("mentions", () => {
  it("are completed by keys and sent with the message", async () => {
    const { user, input, asked } = await show(rooms.team);
    await user.type(input(), "hi @ada");
    expect(await screen.findByTestId(testIds.composerMentions)).toBeTruthy();
    await user.keyboard("{Enter}");
    expect(input().value).toBe("hi @ada ");
    expect(screen.queryByTestId(testIds.composerMentions)).toBeNull();
    expect(asked("send")).toEqual([]);
    await user.type(input(), "there{Enter}");
    await waitFor(() =>
      expect(asked("send")[0]).toMatchObject({ text: "hi @ada there", mentions: [person(1)] }),
    );
  });

  it("are dismissed with Escape", async () => {
    const { user, input } = await show(rooms.team);
    await user.type(input(), "@b");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId(testIds.composerMentions)).toBeNull();
    expect(input().value).toBe("@b");
  });
});

describe("drafts", () => {
  it("come back", async () => {
    const { input } = await show(rooms.draft);
    await waitFor(() => expect(input().value).toBe("I wanted to ask whether"));
  });

  it("are kept when the page is hidden, left, or reloaded", async () => {
    const { user, input, asked } = await show(rooms.ada);
    await user.type(input(), "half a thou");
    act(() => void window.dispatchEvent(new Event("pagehide")));
    expect(asked("save_draft").at(-1)).toMatchObject({ conversation: rooms.ada, draft: { text: "half a thou" } });
  });

  it("are kept when another conversation is opened", async () => {
    const { user, input, asked, unmount } = await show(rooms.ada);
    await user.type(input(), "later");
    unmount();
    expect(asked("save_draft").at(-1)?.draft.text).toBe("later");
  });

  it("are kept a moment after the last keystroke, and gone after sending", async () => {
    const { user, input, asked } = await show(rooms.ada);
    await user.type(input(), "abc");
    await waitFor(() => expect(asked("save_draft").at(-1)?.draft.text).toBe("abc"));
    await user.type(input(), "{Enter}");
    await waitFor(() => expect(asked("save_draft").at(-1)?.draft.text).toBe(""));
  });

  it("do not overwrite what is kept before that has come", async () => {
    const fake = createFake();
    const release = fake.holdNext("draft");
    const { asked, input, unmount } = await show(rooms.draft, {}, fake);
    expect(input().value).toBe("");
    unmount();
    expect(asked("save_draft")).toEqual([]);
    release();
  });

  it("of another tab are taken over unless one is writing", async () => {
    const { fake, input, user } = await show(rooms.ada);
    const other = async (words: string) => {
      await fake.request({
        type: "save_draft",
        conversation: rooms.ada,
        draft: { text: words, reply_to: null, mentions: [], edit: null },
      });
      act(() => fake.changed({ type: "draft", conversation: rooms.ada }));
    };
    await user.type(input(), "mine");
    await waitFor(() => expect(fake.world.conversations.get(rooms.ada)?.draft.text).toBe("mine"));
    await act(() => other("not while one writes"));
    expect(input().value).toBe("mine");
    act(() => input().blur());
    await act(() => other("from the other tab"));
    await waitFor(() => expect(input().value).toBe("from the other tab"));
  });
});

it("tells the others that one types, and that one has stopped", async () => {
  const { user, input, asked } = await show(rooms.ada);
  await user.type(input(), "abc");
  expect(asked("typing").map(({ on }) => on)).toEqual([true]);
  await user.clear(input());
  await waitFor(() => expect(asked("typing").map(({ on }) => on)).toEqual([true, false]));
});
