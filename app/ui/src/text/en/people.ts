import { plural } from "../format";

/** The texts of finding people and making conversations. */
export const people = {
  newConversation: "New conversation",
  newGroup: "New group",
  notes: "Notes to yourself",
  search: "Name or user name",
  known: "People you know",
  found: "Found on the relay",
  nobody: "Nobody found",
  nobodyText: (query: string) => `Nobody here is called “${query}”. Check the spelling, or ask for the exact user name.`,
  /** The relay did not look for people, and why. */
  notFound: (why: string) => `Only people you already know can be found. ${why}`,
  nobodyKnown: "You know nobody here yet",
  nobodyKnownText: "Type a name to find people on the relay.",
  offline: "You are offline: only people you already know can be found.",
  searching: "Searching…",
  at: (username: string) => `@${username}`,
  online: "online",
  chosen: (count: number) => plural(count, "# person chosen", "# people chosen"),
  remove: (name: string) => `Take ${name} out`,
  already: "already a member",
  groupTitle: "Title of the group",
  groupTitleHint: "Everyone in the group sees it. It can be changed later.",
  groupTitleEmpty: "Give the group a title.",
  next: "Next",
  create: "Make group",
  add: "Add",
  addTitle: (title: string) => `Add people to ${title}`,
  alone: "You can also begin alone and add people later.",
};
