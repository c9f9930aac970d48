/** The fake client's world: what a client would hold in its database, as plain objects. Deterministic for one `now`. */
import type { Content } from "../generated/Content";
import type { Draft } from "../generated/Draft";
import type { Kind } from "../generated/Kind";
import type { MessageState } from "../generated/MessageState";
import type { Notify } from "../generated/Notify";
import type { PendingChange } from "../generated/PendingChange";
import type { PendingMember } from "../generated/PendingMember";
import type { RefusedCreation } from "../generated/RefusedCreation";
import type { Role } from "../generated/Role";
import type { SessionView } from "../generated/SessionView";
import type { User } from "../generated/User";
import type { Device } from "../generated/Device";

/** A message as the fake holds it. */
export interface FakeMessage {
  id: string;
  seq: number | null;
  sender: string;
  at: number;
  content: Content | null;
  edited: boolean;
  replyTo: string | null;
  reactions: { emoji: string; users: string[] }[];
  state: MessageState;
  change: PendingChange | null;
}

/** A conversation as the fake holds it. */
export interface FakeConversation {
  id: string;
  kind: Kind;
  title: string;
  peer: string | null;
  members: Map<string, Role>;
  /** What waits of them, by user. */
  waiting: Map<string, PendingMember>;
  marks: Map<string, { delivered: number; read: number }>;
  messages: FakeMessage[];
  /** Ranges of seqs that exist and are not held. */
  holes: [number, number][];
  read: number;
  hidden: boolean;
  notify: Notify;
  draft: Draft;
  createdAt: number;
  /** A group that the relay refused to make. */
  creation?: RefusedCreation;
}

/** All of it. */
export interface World {
  now: () => number;
  me: User;
  users: Map<string, User>;
  conversations: Map<string, FakeConversation>;
  online: Set<string>;
  typing: { conversation: string; user: string }[];
  watched: { conversation: string | null; users: string[] };
  devices: Device[];
  session: SessionView;
}

/** A small seeded generator (mulberry32), so that every run paints the same. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** An id that is easy to recognise in a failing test: `kind` in front, `number` at the end. */
export function fakeId(kind: "user" | "conversation" | "message" | "device", number: number): string {
  const first = { user: "0000000a", conversation: "0000000c", message: "0000000d", device: "0000000e" }[kind];
  return `${first}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

export const emptyDraft: Draft = { text: "", reply_to: null, mentions: [], edit: null };

/** A conversation with nothing in it. */
export function newConversation(
  world: World,
  part: Pick<FakeConversation, "id" | "kind" | "title" | "peer"> & { members: [string, Role][] },
): FakeConversation {
  const made: FakeConversation = {
    ...part,
    members: new Map(part.members),
    waiting: new Map(),
    marks: new Map(),
    messages: [],
    holes: [],
    read: 0,
    hidden: false,
    notify: { level: "all", muted_until: 0 },
    draft: emptyDraft,
    createdAt: world.now(),
  };
  world.conversations.set(made.id, made);
  return made;
}

/** The newest seq that there is. */
export function lastSeq(conversation: FakeConversation): number {
  for (let place = conversation.messages.length - 1; place >= 0; place -= 1) {
    const seq = conversation.messages[place]?.seq;
    if (seq != null) return seq;
  }
  return 0;
}

/** Puts an acknowledged message at the end, before the pending ones. */
export function append(
  conversation: FakeConversation,
  part: Pick<FakeMessage, "id" | "sender" | "at" | "content"> & Partial<FakeMessage>,
): FakeMessage {
  const made: FakeMessage = {
    edited: false,
    replyTo: null,
    reactions: [],
    state: { type: "sent" },
    change: null,
    ...part,
    seq: lastSeq(conversation) + 1,
  };
  const firstPending = conversation.messages.findIndex((message) => message.seq === null);
  if (firstPending < 0) conversation.messages.push(made);
  else conversation.messages.splice(firstPending, 0, made);
  return made;
}
