/** What a person does, done to the fake's world. Each gives the topics whose answers it changed. */
import { BridgeProblem } from "../bridge";
import type { Request } from "../generated/Request";
import type { Role } from "../generated/Role";
import type { Topic } from "../generated/Topic";
import { append, lastSeq, newConversation, type FakeConversation, type FakeMessage, type World } from "./world";

/** Refuses. */
export function refuse(code: string, message: string): never {
  throw new BridgeProblem({ code, message });
}

/** The conversation, or `not_found`. */
export function conversationOf(world: World, id: string): FakeConversation {
  return world.conversations.get(id) ?? refuse("not_found", "There is no such conversation.");
}

function messageOf(conversation: FakeConversation, id: string): FakeMessage {
  return conversation.messages.find((message) => message.id === id) ?? refuse("not_found", "There is no such message.");
}

/** What changes with a conversation. */
export function topicsOf(conversation: string): Topic[] {
  return [{ type: "conversations" }, { type: "conversation", conversation }];
}

let events = 0;

function tell(world: World, conversation: FakeConversation, event: Extract<NonNullable<FakeMessage["content"]>, { type: "system" }>["event"]): void {
  events += 1;
  append(conversation, {
    id: `0000000d-0000-7000-9000-${events.toString(16).padStart(12, "0")}`,
    sender: world.me.id,
    at: world.now(),
    content: { type: "system", event },
  });
}

function send(world: World, request: Extract<Request, { type: "send" }>): Topic[] {
  const conversation = conversationOf(world, request.conversation);
  if (conversation.messages.some((message) => message.id === request.id)) return [];
  const { text, mentions } = request;
  conversation.messages.push({
    id: request.id,
    seq: null,
    sender: world.me.id,
    at: world.now(),
    content: mentions.length > 0 ? { type: "text", text, mentions } : { type: "text", text },
    edited: false,
    replyTo: request.reply_to ?? null,
    reactions: [],
    state: { type: "pending" },
    change: null,
  });
  conversation.hidden = false;
  return topicsOf(request.conversation);
}

/** Gives every pending message its place, as the relay would once connected. */
export function acknowledge(world: World): Topic[] {
  const topics: Topic[] = [];
  for (const conversation of world.conversations.values()) {
    for (const message of [...conversation.messages]) {
      if (message.seq !== null || message.state.type !== "pending") continue;
      conversation.messages.splice(conversation.messages.indexOf(message), 1);
      append(conversation, { ...message, state: { type: "sent" } });
      topics.push(...topicsOf(conversation.id));
    }
    for (const message of conversation.messages) {
      if (message.change !== null && message.change.problem === null) {
        message.change = null;
        topics.push(...topicsOf(conversation.id));
      }
    }
  }
  return topics;
}

function changeMessage(
  world: World,
  request: Extract<Request, { type: "edit" | "delete" | "react" }>,
): Topic[] {
  const message = messageOf(conversationOf(world, request.conversation), request.message);
  if (request.type === "edit") {
    message.content =
      request.mentions.length > 0
        ? { type: "text", text: request.text, mentions: request.mentions }
        : { type: "text", text: request.text };
    message.edited = true;
  } else if (request.type === "delete") {
    message.content = null;
    message.reactions = [];
  } else {
    const { emoji, on } = request;
    const found = message.reactions.find((reaction) => reaction.emoji === emoji);
    const users = (found?.users ?? []).filter((user) => user !== world.me.id);
    if (on) users.push(world.me.id);
    if (found !== undefined) found.users = users;
    else message.reactions.push({ emoji, users });
    message.reactions = message.reactions.filter((reaction) => reaction.users.length > 0);
  }
  message.change = { command: request.id, op: request.type, problem: null };
  return topicsOf(request.conversation);
}

function changeGroup(
  world: World,
  request: Extract<Request, { type: "rename" | "add_members" | "remove_member" | "leave" | "set_role" }>,
): Topic[] {
  const group = conversationOf(world, request.conversation);
  switch (request.type) {
    case "rename":
      group.title = request.title;
      tell(world, group, { kind: "renamed", title: request.title });
      break;
    case "add_members":
      for (const user of request.users) {
        world.users.set(user.id, user);
        group.members.set(user.id, "member");
      }
      tell(world, group, { kind: "added", users: request.users.map((user) => user.id) });
      break;
    case "remove_member":
      group.members.delete(request.user);
      tell(world, group, { kind: "removed", user: request.user });
      break;
    case "leave":
      tell(world, group, { kind: "left" });
      group.members.delete(world.me.id);
      break;
    case "set_role":
      if (request.role === "owner") group.members.set(world.me.id, "admin");
      group.members.set(request.user, request.role);
      tell(world, group, { kind: "role_changed", user: request.user, role: request.role });
      break;
  }
  return topicsOf(request.conversation);
}

function changeSession(world: World, request: Extract<Request, { type: "block" | "set_profile" }>): Topic[] {
  if (request.type === "block") {
    const others = world.session.blocked.filter((user) => user !== request.user);
    world.session.blocked = request.blocked ? [...others, request.user] : others;
    return [{ type: "session" }, { type: "conversations" }];
  }
  if (request.display_name !== undefined) {
    world.me.display_name = request.display_name;
    world.users.set(world.me.id, world.me);
  }
  if (request.share_read !== undefined) world.session.share_read = request.share_read;
  return [{ type: "session" }];
}

function outbox(world: World, request: Extract<Request, { type: "retry" | "discard" }>): Topic[] {
  for (const conversation of world.conversations.values()) {
    if (conversation.creation?.command === request.id) {
      if (request.type === "retry") delete conversation.creation;
      else world.conversations.delete(conversation.id);
      return [{ type: "conversations" }, ...topicsOf(conversation.id)];
    }
    const place = conversation.messages.findIndex((message) => message.id === request.id || message.change?.command === request.id);
    const message = conversation.messages[place];
    if (message === undefined) continue;
    if (message.change?.command === request.id) message.change = request.type === "retry" ? { ...message.change, problem: null } : null;
    else if (request.type === "retry") message.state = { type: "pending" };
    else conversation.messages.splice(place, 1);
    return topicsOf(conversation.id);
  }
  return [];
}

/** The direct conversation with someone; made if there is none. */
export function openDirect(world: World, request: Extract<Request, { type: "open_direct" }>): string {
  for (const conversation of world.conversations.values()) {
    if (conversation.kind === "direct" && conversation.peer === request.user.id) return conversation.id;
  }
  world.users.set(request.user.id, request.user);
  const id = `${request.user.id.slice(0, 14)}8${request.user.id.slice(15)}`;
  newConversation(world, {
    id,
    kind: "direct",
    title: "",
    peer: request.user.id,
    members: [[world.me.id, "member"], [request.user.id, "member"]],
  });
  return id;
}

/** A new group. */
export function createGroup(world: World, request: Extract<Request, { type: "create_group" }>): string {
  const members: [string, Role][] = [[world.me.id, "owner"]];
  for (const user of request.members) {
    world.users.set(user.id, user);
    members.push([user.id, "member"]);
  }
  const group = newConversation(world, { id: request.conversation, kind: "group", title: request.title, peer: null, members });
  tell(world, group, { kind: "created", title: request.title });
  return group.id;
}

/** Everything that is answered with `Done` once it is on disk. */
export type Command = Extract<
  Request,
  {
    type:
      | "send" | "edit" | "delete" | "react" | "mark_read" | "rename" | "add_members" | "remove_member" | "leave"
      | "set_role" | "hide" | "set_notify" | "block" | "set_profile" | "save_draft" | "retry" | "discard" | "load" | "watch" | "typing";
  }
>;

/** Does it; gives what changed. */
export function perform(world: World, request: Command): Topic[] {
  switch (request.type) {
    case "send":
      return send(world, request);
    case "edit":
    case "delete":
    case "react":
      return changeMessage(world, request);
    case "rename":
    case "add_members":
    case "remove_member":
    case "leave":
    case "set_role":
      return changeGroup(world, request);
    case "block":
    case "set_profile":
      return changeSession(world, request);
    case "retry":
    case "discard":
      return outbox(world, request);
    case "mark_read": {
      const conversation = conversationOf(world, request.conversation);
      if (request.seq <= conversation.read) return [];
      conversation.read = Math.min(request.seq, lastSeq(conversation));
      return topicsOf(request.conversation);
    }
    case "hide":
      conversationOf(world, request.conversation).hidden = request.hidden;
      return topicsOf(request.conversation);
    case "set_notify":
      conversationOf(world, request.conversation).notify = request.notify;
      return topicsOf(request.conversation);
    case "save_draft":
      conversationOf(world, request.conversation).draft = request.draft;
      return [{ type: "conversations" }];
    case "load": {
      const conversation = conversationOf(world, request.conversation);
      const from = request.seq - 50;
      const to = request.seq + 50;
      conversation.holes = conversation.holes.flatMap(([a, b]): [number, number][] =>
        to < a || b < from ? [[a, b]] : [...(a < from ? [[a, from - 1] as [number, number]] : []), ...(to < b ? [[to + 1, b] as [number, number]] : [])],
      );
      return topicsOf(request.conversation);
    }
    case "watch":
      world.watched = { conversation: request.conversation ?? null, users: request.users };
      return [{ type: "presence" }];
    case "typing":
      return [];
  }
}
