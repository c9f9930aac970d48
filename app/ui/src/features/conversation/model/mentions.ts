/**
 * Mentions while one writes: which `@…` stands before the caret, who fits, and who is still mentioned when it is sent.
 */
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { UserId } from "../../../bridge/generated/UserId";

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

/** Folds case and marks on letters away, so that "jose" finds "José". */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Who fits: those whose name begins so first, then those of whom a later word or the user name does. */
export function fitting(members: readonly MemberRow[], query: string): MemberRow[] {
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
export function complete(text: string, from: Asked, caret: number, name: string): { text: string; caret: number } {
  const after = text.slice(caret);
  const inserted = `@${name}${after.startsWith(" ") ? "" : " "}`;
  return { text: text.slice(0, from.start) + inserted + after, caret: from.start + inserted.length };
}

/** Of those picked (and of all members named in full), who stands in the text. No doubles, in the members' order. */
export function mentioned(text: string, members: readonly MemberRow[], picked: readonly UserId[]): UserId[] {
  if (!text.includes("@")) return [];
  const names = new Map<string, UserId>();
  for (const { user, me } of members) {
    if (me || user.deleted) continue;
    // Two of the same name: the one who was picked.
    if (!names.has(user.display_name) || picked.includes(user.id)) names.set(user.display_name, user.id);
  }
  const found: UserId[] = [];
  for (const [name, id] of names) {
    for (let at = text.indexOf(`@${name}`); at >= 0; at = text.indexOf(`@${name}`, at + 1)) {
      const before = text[at - 1] ?? "";
      const after = text[at + 1 + name.length] ?? "";
      if (/[\p{L}\p{N}]/u.test(before) || /[\p{L}\p{N}]/u.test(after)) continue;
      found.push(id);
      break;
    }
    if (found.length === MENTIONS) break;
  }
  return found;
}
