import type { MessageRow } from "../../../bridge/generated/MessageRow";
import type { UserId } from "../../../bridge/generated/UserId";
import { text } from "../../../text";

/** A name that keeps its own direction within a sentence (Unicode's first strong isolate). */
export const isolated = (name: string): string => `\u2068${name}\u2069`;

/** What a system message tells, in a sentence. */
export function systemText(message: MessageRow, me: UserId | null): string {
  const t = text.conversation.events;
  const event = message.event?.event ?? (message.content?.type === "system" ? message.content.event : null);
  const who = isolated(message.sender_name || text.common.deletedUser);
  const names = (message.event?.names ?? []).map((name) => isolated(name || text.common.deletedUser));
  const { own } = message;
  const named = (user: UserId, index: number): string =>
    user === me ? text.conversation.events.you : (names[index] ?? isolated(text.common.deletedUser));
  switch (event?.kind) {
    case "created":
      return t.created(who, isolated(event.title), own);
    case "added":
      if (event.users.length === 1 && event.users[0] === message.sender) return t.joined([who]);
      return t.added(who, event.users.map(named), own);
    case "removed":
      return t.removed(who, named(event.user, 0), own);
    case "left":
      return t.left(who, own);
    case "renamed":
      return t.renamed(who, isolated(event.title), own);
    case "role_changed":
      return t.role[event.role](who, named(event.user, 0), own);
    case "unknown":
    case undefined:
      return t.unknown;
  }
}
