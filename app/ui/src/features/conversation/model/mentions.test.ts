import { describe, expect, it } from "vitest";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import { asked, complete, fitting, mentioned } from "./mentions";

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
    expect(complete("hi @bo!", { start: 3, query: "bo" }, 6, "Bob")).toEqual({ text: "hi @Bob !", caret: 8 });
  });

  it("tells who stands in the text", () => {
    expect(mentioned("@Bob and @José Bobal", members, [])).toEqual(["bob", "jose"]);
    expect(mentioned("@Bobby", members, ["bob"])).toEqual(["bobby"]);
    expect(mentioned("x@Bob", members, [])).toEqual([]);
  });

  it("prefers the one who was picked among people of one name", () => {
    const two = [member("bob", "Bob"), member("bob2", "Bob")];
    expect(mentioned("@Bob", two, ["bob2"])).toEqual(["bob2"]);
  });
});
