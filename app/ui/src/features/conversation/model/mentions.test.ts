import { describe, expect, it } from "vitest";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { asked, complete, fitting, mentionables, mentioned, mentionedIn } from "./mentions";

const member = (id: string, display_name: string, me = false): MemberRow => ({
  user: { id, username: id, display_name },
  role: "member",
  me,
  delivered: 0,
  read: 0,
});
const members = [
  member("alice", "Alice Moser", true),
  member("bob", "Bob"),
  member("jose", "José Bobal"),
  member("bobby", "Bobby"),
];

describe("mentions", () => {
  it("sees what is being typed", () => {
    expect(asked("hi @bo", 6)).toEqual({ start: 3, query: "bo" });
    expect(asked("hi @", 4)).toEqual({ start: 3, query: "" });
    expect(asked("hi @bo there", 6)).toEqual({ start: 3, query: "bo" });
    expect(asked("a@b", 3)).toBeNull();
    expect(asked("@ b", 3)).toBeNull();
    expect(asked("@a\nb", 4)).toBeNull();
    expect(asked("none", 4)).toBeNull();
  });

  it("finds people by name, later name and user name, never oneself", () => {
    expect(fitting(members, "bo").map((row) => row.user.id)).toEqual(["bob", "bobby", "jose"]);
    expect(fitting(members, "jose").map((row) => row.user.id)).toEqual(["jose"]);
    expect(fitting(members, "alice")).toEqual([]);
    expect(fitting(members, "zz")).toEqual([]);
  });

  it("completes and puts the caret behind", () => {
    expect(complete("hi @bo!", { start: 3, query: "bo" }, 6, "bob")).toEqual({ text: "hi @bob !", caret: 8 });
  });

  it("offers nobody once somebody stands there in full", () => {
    const two = [...members, member("bob_b", "Bob Bobson")];
    expect(fitting(two, "bob").map((row) => row.user.id)).toEqual(["bob", "bobby", "bob_b", "jose"]);
    expect(fitting(two, "bob ")).toEqual([]);
    expect(fitting(two, "josé b").map((row) => row.user.id)).toEqual(["jose"]);
  });

  it("tells who stands in the text by user name", () => {
    expect(mentioned("@jose and @bob, @bob", members)).toEqual(["jose", "bob"]);
    expect(mentioned("@bobby", members)).toEqual(["bobby"]);
    expect(mentioned("- **@bob**\n- @BOBBY", members)).toEqual(["bob", "bobby"]);
    expect(mentioned("@José Bobal, @alice", members)).toEqual([]);
    expect(mentioned("x@bob `@bob` @bob@a.example https://a.example/@bob", members)).toEqual([]);
    expect(mentioned("```\n@bob\n```", members)).toEqual([]);
  });

  it("shows those whom the message names, and no others", () => {
    const people = mentionables(members.map((row) => row.user));
    const message = { content: { type: "text", text: "@bob @jose", mentions: ["bob"] } } as MessageRow;
    expect([...mentionedIn(message, people).values()]).toEqual([{ id: "bob", username: "bob", name: "Bob" }]);
  });
});
