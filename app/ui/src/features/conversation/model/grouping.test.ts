import { describe, expect, it } from "vitest";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import type { WindowItem } from "../../../bridge/generated/WindowItem";
import { GROUP_GAP_MS, layOut } from "./grouping";

const noon = new Date(2026, 10, 20, 12).getTime();
const DAY = 24 * 60 * 60_000;

function message(id: string, sender: string, at: number, more: Partial<MessageRow> = {}): WindowItem {
  return {
    type: "message",
    message: {
      id,
      seq: Number(id.slice(1)),
      sender,
      sender_name: sender,
      own: false,
      at,
      edited: false,
      content: { type: "text", text: id },
      event: null,
      reply: null,
      reactions: [],
      state: { type: "sent" },
      receipt: { delivered: 0, read: 0, of: 0 },
      mentions_me: false,
      mention_names: [],
      change: null,
      ...more,
    },
  };
}

const shape = (items: WindowItem[], divider: number | null = null): string[] =>
  layOut(items, divider).map((row) => {
    if (row.kind !== "message") return row.kind;
    return `${row.key}${row.first ? " first" : ""}${row.last ? " last" : ""}`;
  });

describe("layOut", () => {
  it("groups what one person says within a while", () => {
    expect(
      shape([
        message("m1", "alice", noon),
        message("m2", "alice", noon + 1),
        message("m3", "alice", noon + 2),
        message("m4", "bob", noon + 3),
        message("m5", "bob", noon + 3 + GROUP_GAP_MS),
      ]),
    ).toEqual(["day", "m1 first", "m2", "m3 last", "m4 first last", "m5 first last"]);
  });

  it("puts a day above its first message and ends the group", () => {
    const late = new Date(2026, 10, 20, 23, 59, 59).getTime();
    expect(shape([message("m1", "alice", late), message("m2", "alice", late + 2000)])).toEqual([
      "day",
      "m1 first last",
      "day",
      "m2 first last",
    ]);
    expect(shape([message("m1", "alice", noon), message("m2", "alice", noon + DAY)])[2]).toBe("day");
  });

  it("puts the divider above the first unread one, even if that one is gone", () => {
    const items = [
      message("m1", "a", noon),
      message("m2", "a", noon),
      message("m4", "a", noon),
      message("m5", "a", noon),
    ];
    expect(shape(items, 3)).toEqual(["day", "m1 first", "m2 last", "unread", "m4 first", "m5 last"]);
    expect(shape(items, 9)).not.toContain("unread");
  });

  it("does not put it above pending ones", () => {
    expect(shape([message("m1", "a", noon), message("m2", "a", noon, { seq: null })], 2)).not.toContain("unread");
  });

  it("ends a group at a hole and at a system message", () => {
    const event = { event: { kind: "left" as const }, names: [], me: false };
    expect(
      shape([
        message("m1", "a", noon),
        { type: "hole", from_seq: 2, to_seq: 5 },
        message("m6", "a", noon),
        message("m7", "a", noon, { content: { type: "system", event: event.event }, event }),
        message("m8", "a", noon),
      ]),
    ).toEqual(["day", "m1 first last", "hole", "m6 first last", "system", "m8 first last"]);
  });
});
