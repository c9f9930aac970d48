/**
 * Mentions. A text holds `@username`, its `mentions` hold the ids; what is shown is `@Display Name`.
 *
 * Here is which `@…` stands before the caret, who fits, who is mentioned when it is sent, and whom a message mentions.
 */
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import type { User } from "../../../bridge/generated/User";
import type { UserId } from "../../../bridge/generated/UserId";
import { fold } from "../../../text";
import { type Block, type Inline, type Mentionable, type Mentionables, parse } from "../../../text/markdown";

/** What is being typed after an `@`. */
export interface Asked {
  /** Where the `@` stands. */
  start: number;
  /** What follows it, up to the caret. */
  query: string;
}

/** The bound of the protocol on people mentioned in one message. */
export const MENTIONS = 50;
const QUERY_CHARS = 32;
const SHOWN = 8;

/** The mention being typed before the caret, if there is one. A name may hold spaces; an address is none. */
export function asked(text: string, caret: number): Asked | null {
  const start = text.lastIndexOf("@", caret - 1);
  if (start < 0 || caret - start > QUERY_CHARS) return null;
  if (/[\p{L}\p{N}]/u.test(text[start - 1] ?? "")) return null;
  const query = text.slice(start + 1, caret);
  if (/\n/.test(query) || query.startsWith(" ") || (query.match(/ /g)?.length ?? 0) > 3) return null;
  return { start, query };
}

/** Who fits: those whose name begins so first, then those of whom a later word or the user name does. */
export function fitting(members: readonly MemberRow[], query: string): MemberRow[] {
  // What was picked stands there in full; what follows its space is the sentence.
  const [word, ...rest] = query.toLowerCase().split(" ");
  if (rest.length > 0 && members.some(({ user, me }) => !me && user.username === word)) return [];
  const wanted = fold(query);
  const rank = (member: MemberRow): number => {
    const name = fold(member.user.display_name);
    if (name.startsWith(wanted)) return 0;
    if (name.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
    return fold(member.user.username).startsWith(wanted) ? 2 : 3;
  };
  return members
    .filter((member) => !member.me && !member.user.deleted)
    .map((member) => ({ member, rank: rank(member) }))
    .filter((entry) => entry.rank < 3)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, SHOWN)
    .map((entry) => entry.member);
}

/** The text with the asked mention completed, and where the caret goes. */
export function complete(text: string, from: Asked, caret: number, username: string): { text: string; caret: number } {
  const after = text.slice(caret);
  const inserted = `@${username}${after.startsWith(" ") ? "" : " "}`;
  return { text: text.slice(0, from.start) + inserted + after, caret: from.start + inserted.length };
}

/** Users by what stands for them in a text. Deleted ones have no name any more. */
export function mentionables(users: Iterable<User>): Mentionables {
  const all = new Map<string, Mentionable>();
  for (const { id, username, display_name, deleted } of users) {
    if (deleted !== true && username !== "") all.set(username, { id, username, name: display_name });
  }
  return all;
}

/** Who is mentioned in a text that is to be sent, as a reader will see it: nobody in code or in an address. */
export function mentioned(text: string, members: readonly MemberRow[]): UserId[] {
  if (!text.includes("@")) return [];
  const others = members.filter((member) => !member.me).map((member) => member.user);
  const found = new Set<UserId>();
  const look = (inlines: readonly Inline[]): void => {
    for (const inline of inlines) {
      if (inline.type === "mention") found.add(inline.id);
      else if ("children" in inline) look(inline.children);
    }
  };
  for (const block of parse(text, mentionables(others))) for (const inlines of lines(block)) look(inlines);
  return [...found].slice(0, MENTIONS);
}

function lines(block: Block): Inline[][] {
  if (block.type === "code") return [];
  return block.type === "list" ? block.items.map((item) => item.children) : [block.children];
}

/** Those whom a message mentions, of the people that are known. */
export function mentionedIn(message: MessageRow, people: Mentionables): Mentionables {
  const ids = message.content?.type === "text" ? (message.content.mentions ?? []) : [];
  if (ids.length === 0) return nobody;
  return new Map([...people].filter(([, person]) => ids.includes(person.id)));
}

const nobody: Mentionables = new Map();
