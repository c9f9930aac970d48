import type { EventRow } from "../bridge/generated/EventRow";
import type { UserId } from "../bridge/generated/UserId";
import { en } from "./en";

/** A name that keeps its own direction within a sentence (Unicode's first strong isolate). */
const isolated = (name: string): string => `\u2068${name || en.common.deletedUser}\u2069`;

/** What a system message tells, in a sentence. */
export function eventText(row: Pick<EventRow, "event" | "names"> | null, sender: { id: UserId; name: string; own: boolean }, me: UserId | null): string {
  const words = en.conversation.events;
  if (row === null) return words.unknown;
  const { event } = row;
  const who = isolated(sender.name);
  const named = (user: UserId, place: number): string => (user === me ? words.you : isolated(row.names[place] ?? ""));
  switch (event.kind) {
    case "created":
      return words.created(who, isolated(event.title), sender.own);
    case "added":
      return event.users.length === 1 && event.users[0] === sender.id
        ? words.joined([who])
        : words.added(who, event.users.map(named), sender.own);
    case "removed":
      return words.removed(who, named(event.user, 0), sender.own);
    case "left":
      return words.left(who, sender.own);
    case "renamed":
      return words.renamed(who, isolated(event.title), sender.own);
    case "role_changed":
      return words.role[event.role](who, named(event.user, 0), sender.own);
    case "unknown":
      return words.unknown;
  }
}
