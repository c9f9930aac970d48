/** The answers to the live queries, computed from the fake's world. */
import type { ConversationRow } from "../generated/ConversationRow";
import type { ConversationsView } from "../generated/ConversationsView";
import type { ConversationView } from "../generated/ConversationView";
import type { EventRow } from "../generated/EventRow";
import type { LastMessage } from "../generated/LastMessage";
import type { MembersView } from "../generated/MembersView";
import type { MessageRow } from "../generated/MessageRow";
import type { Notify } from "../generated/Notify";
import type { PresenceView } from "../generated/PresenceView";
import type { Receipt } from "../generated/Receipt";
import type { SearchHit } from "../generated/SearchHit";
import type { SearchView } from "../generated/SearchView";
import type { SystemEvent } from "../generated/SystemEvent";
import type { What } from "../generated/What";
import type { WindowAt } from "../generated/WindowAt";
import type { WindowItem } from "../generated/WindowItem";
import type { WindowView } from "../generated/WindowView";
import { FOREVER_MS } from "../notify";
import { lastSeq, type FakeConversation, type FakeMessage, type World } from "./world";

const UNREAD_LIMIT = 100;

function nameOf(world: World, id: string): string {
  return world.users.get(id)?.display_name ?? "";
}

function usersOf(event: SystemEvent): string[] {
  if (event.kind === "added") return event.users;
  return event.kind === "removed" || event.kind === "role_changed" ? [event.user] : [];
}

function eventRow(world: World, message: FakeMessage): EventRow | null {
  if (message.content?.type !== "system") return null;
  const users = usersOf(message.content.event);
  return { event: message.content.event, names: users.map((id) => nameOf(world, id)), me: users.includes(world.me.id) };
}

function whatOf(message: FakeMessage): What {
  if (message.content === null) return "deleted";
  return message.content.type;
}

function textOf(message: FakeMessage): string {
  return message.content?.type === "text" ? message.content.text.replace(/[^\S\n]+/gu, " ").replace(/ ?\n\s*/gu, "\n").slice(0, 160) : "";
}

function receipt(conversation: FakeConversation, message: FakeMessage, me: string): Receipt {
  const others = [...conversation.marks].filter(([id]) => id !== me);
  const at = message.seq ?? Infinity;
  if (message.sender !== me || message.seq === null) return { delivered: 0, read: 0, of: 0 };
  return {
    delivered: others.filter(([, mark]) => mark.delivered >= at).length,
    read: others.filter(([, mark]) => mark.read >= at).length,
    of: others.length,
  };
}

function held(conversation: FakeConversation, seq: number): boolean {
  return !conversation.holes.some(([from, to]) => from <= seq && seq <= to);
}

/** A message as a screen reads it. */
export function messageRow(world: World, conversation: FakeConversation, message: FakeMessage): MessageRow {
  const mentions = message.content?.type === "text" ? (message.content.mentions ?? []) : [];
  const answered =
    message.replyTo === null ? undefined : conversation.messages.find((other) => other.id === message.replyTo);
  const known = answered !== undefined && (answered.seq === null || held(conversation, answered.seq));
  return {
    id: message.id,
    seq: message.seq,
    sender: message.sender,
    sender_name: nameOf(world, message.sender),
    own: message.sender === world.me.id,
    at: message.at,
    edited: message.edited,
    content: message.content,
    event: eventRow(world, message),
    reply:
      message.replyTo === null
        ? null
        : {
            id: message.replyTo,
            seq: answered?.seq ?? null,
            sender_name: known ? nameOf(world, answered.sender) : "",
            own: known && answered.sender === world.me.id,
            text: known ? textOf(answered) : "",
            what: known ? whatOf(answered) : "unknown",
          },
    reactions: message.reactions.map((reaction) => ({
      emoji: reaction.emoji,
      count: reaction.users.length,
      own: reaction.users.includes(world.me.id),
      names: reaction.users.slice(0, 10).map((id) => nameOf(world, id)),
    })),
    state: message.state,
    receipt: receipt(conversation, message, world.me.id),
    mentions_me: mentions.includes(world.me.id),
    mention_names: mentions.map((id) => nameOf(world, id)),
    change: message.change,
  };
}

function unreadOf(world: World, conversation: FakeConversation): FakeMessage[] {
  return conversation.messages.filter(
    (message) =>
      message.seq !== null &&
      message.seq > conversation.read &&
      message.sender !== world.me.id &&
      message.content !== null &&
      message.content.type !== "system",
  );
}

function lastOf(world: World, conversation: FakeConversation): LastMessage | null {
  const message = conversation.messages.at(-1);
  if (message === undefined) return null;
  return {
    sender: message.sender,
    sender_name: nameOf(world, message.sender),
    own: message.sender === world.me.id,
    at: message.at,
    text: textOf(message),
    what: whatOf(message),
    event: eventRow(world, message),
    state: message.state,
    receipt: receipt(conversation, message, world.me.id),
  };
}

function titleOf(world: World, conversation: FakeConversation): string {
  if (conversation.kind === "group") return conversation.title;
  return conversation.peer === world.me.id ? "" : nameOf(world, conversation.peer ?? "");
}

/** Whether a message is one to tell of. */
export function tells(notify: Notify, mention: boolean, now: number): boolean {
  return now >= notify.muted_until && (notify.level === "all" || (notify.level === "mentions" && mention));
}

/** The list with what it counts. */
export function listView(world: World, hidden: boolean): ConversationsView {
  const all = [...world.conversations.values()].map((conversation) => conversationRow(world, conversation));
  const rows = all.filter((row) => hidden || !row.hidden).sort((a, b) => b.sort_at - a.sort_at);
  const ends = rows.map((row) => row.notify.muted_until).filter((at) => at > world.now() && at < FOREVER_MS);
  return {
    rows,
    unread_conversations: rows.filter((row) => row.unread > 0 && tells(row.notify, row.mention, world.now())).length,
    stale_at: ends.length === 0 ? null : Math.min(...ends),
  };
}

/** A conversation as the list reads it. */
export function conversationRow(world: World, conversation: FakeConversation): ConversationRow {
  const unread = unreadOf(world, conversation);
  const last = lastOf(world, conversation);
  return {
    id: conversation.id,
    kind: conversation.kind,
    title: titleOf(world, conversation),
    peer: world.users.get(conversation.peer ?? "") ?? null,
    last,
    unread: Math.min(unread.length, UNREAD_LIMIT),
    unread_more: unread.length > UNREAD_LIMIT,
    mention: unread.some((message) => message.content?.type === "text" && message.content.mentions?.includes(world.me.id)),
    draft: conversation.draft.text === "" ? null : conversation.draft.text,
    hidden: conversation.hidden,
    notify: { ...conversation.notify, muted_until: conversation.notify.muted_until > world.now() ? conversation.notify.muted_until : 0 },
    muted: !tells(conversation.notify, true, world.now()),
    members: conversation.members.size,
    role: conversation.members.get(world.me.id) ?? null,
    sort_at: last?.at ?? conversation.createdAt,
    pending: conversation.messages.filter((message) => message.state.type === "pending").length,
    failed: conversation.messages.filter((message) => message.state.type === "failed").length,
  };
}

/** A conversation's header. */
export function conversationView(world: World, conversation: FakeConversation): ConversationView {
  const row = conversationRow(world, conversation);
  const group = conversation.kind === "group";
  const blocked = conversation.peer !== null && world.session.blocked.includes(conversation.peer);
  return {
    row,
    blocked,
    may: {
      send: row.role !== null && !blocked && (conversation.creation ?? null) === null,
      manage: group && (row.role === "owner" || row.role === "admin"),
      own: group && row.role === "owner",
      leave: group && row.role !== null && (row.role !== "owner" || row.members === 1),
      delete_others: group && (row.role === "owner" || row.role === "admin"),
    },
    last_seq: lastSeq(conversation),
    creation: conversation.creation ?? null,
  };
}

function bounds(conversation: FakeConversation, at: WindowAt, limit: number, firstUnread: number | null): [number, number] {
  const end = lastSeq(conversation);
  const around = (seq: number): [number, number] => {
    const from = Math.max(1, Math.min(seq - Math.floor(limit / 2), end - limit + 1));
    return [from, Math.min(end, from + limit - 1)];
  };
  switch (at.type) {
    case "newest":
      return [Math.max(1, end - limit + 1), end];
    case "unread":
      return firstUnread === null ? [Math.max(1, end - limit + 1), end] : around(firstUnread);
    case "around":
      return around(at.seq);
    case "range":
      return [Math.max(1, at.from_seq), Math.min(end, at.to_seq ?? end)];
  }
}

/** A window of a conversation. */
export function windowView(world: World, conversation: FakeConversation, at: WindowAt, limit: number): WindowView {
  const firstUnread = unreadOf(world, conversation)[0]?.seq ?? null;
  const end = lastSeq(conversation);
  const [from, to] = bounds(conversation, at, Math.min(limit, 500), firstUnread);
  const items: WindowItem[] = [];
  for (const message of conversation.messages) {
    if (message.seq === null) {
      if (to >= end) items.push({ type: "message", message: messageRow(world, conversation, message) });
      continue;
    }
    if (message.seq < from || message.seq > to) continue;
    if (held(conversation, message.seq)) {
      items.push({ type: "message", message: messageRow(world, conversation, message) });
      continue;
    }
    const before = items.at(-1);
    if (before?.type === "hole" && before.to_seq === message.seq - 1) before.to_seq = message.seq;
    else items.push({ type: "hole", from_seq: message.seq, to_seq: message.seq });
  }
  return {
    conversation: conversation.id,
    items,
    from_seq: from,
    to_seq: to,
    at_start: from <= 1,
    at_end: to >= end,
    read: conversation.read,
    first_unread: firstUnread,
    last_seq: end,
  };
}

const rank = { owner: 0, admin: 1, member: 2 } as const;

/** The members. */
export function membersView(world: World, conversation: FakeConversation): MembersView {
  const members = [...conversation.members].map(([id, role]) => {
    const pending = conversation.waiting.get(id);
    return {
      user: world.users.get(id) ?? { id, username: "", display_name: "", deleted: true },
      role,
      me: id === world.me.id,
      delivered: conversation.marks.get(id)?.delivered ?? 0,
      read: conversation.marks.get(id)?.read ?? 0,
      ...(pending === undefined ? {} : { pending }),
    };
  });
  members.sort((a, b) => rank[a.role] - rank[b.role] || a.user.display_name.localeCompare(b.user.display_name));
  return { members };
}

/** Who is there. */
export function presenceView(world: World): PresenceView {
  if (world.session.connection !== "online") return { users: [], typing: [] };
  return {
    users: world.watched.users.map((user) => ({
      user,
      online: world.online.has(user),
      last_seen: world.online.has(user) ? null : world.now() - 3_600_000 * (1 + (user.charCodeAt(user.length - 1) % 30)),
    })),
    typing: world.typing
      .filter((row) => row.conversation === world.watched.conversation)
      .map((row) => ({ ...row, name: nameOf(world, row.user) })),
  };
}

function find(haystack: string, words: string[]): [number, number][] | null {
  const lower = haystack.toLowerCase();
  const places: [number, number][] = [];
  for (const word of words) {
    const start = lower.indexOf(word);
    if (start < 0) return null;
    places.push([start, start + word.length]);
  }
  return places.sort((a, b) => a[0] - b[0]);
}

/** What a search finds. */
export function searchView(world: World, text: string, only: string | undefined, next: string | undefined, limit: number): SearchView {
  const words = text.toLowerCase().split(/\s+/u).filter((word) => word !== "");
  const all: SearchHit[] = [];
  let unheld = 0;
  for (const conversation of world.conversations.values()) {
    if (only !== undefined && conversation.id !== only) continue;
    for (const [from, to] of conversation.holes) unheld += to - from + 1;
    for (const message of conversation.messages) {
      if (message.seq === null || !held(conversation, message.seq) || message.content?.type !== "text" || words.length === 0) continue;
      const flat = message.content.text.replace(/\s+/gu, " ");
      const matches = find(flat, words);
      if (matches === null) continue;
      all.push({
        conversation: conversation.id,
        title: titleOf(world, conversation),
        message: message.id,
        seq: message.seq,
        sender_name: nameOf(world, message.sender),
        own: message.sender === world.me.id,
        at: message.at,
        snippet: flat,
        matches,
      });
    }
  }
  all.sort((a, b) => b.at - a.at);
  const start = Number(next ?? "0");
  const hits = all.slice(start, start + limit);
  return { hits, next: start + limit < all.length ? String(start + limit) : null, not_searched: unheld };
}
