/**
 * A client in memory, for component tests and for looking at screens without a relay. It answers like the real one and
 * has controls for what the world does (others write, the network goes). It never ships: only `#bridge` in mode `fake`
 * and tests reach it.
 */
import { BridgeProblem, type AnswerTo, type Bridge, type Updates } from "../bridge";
import type { Event } from "../generated/Event";
import type { Phase } from "../generated/Phase";
import type { Problem } from "../generated/Problem";
import type { Request } from "../generated/Request";
import type { SessionView } from "../generated/SessionView";
import type { Topic } from "../generated/Topic";
import { acknowledge, conversationOf, createGroup, openDirect, perform, refuse, topicsOf } from "./acts";
import { seed } from "./seed";
import { conversationRow, conversationView, listView, membersView, presenceView, searchView, tells, windowView } from "./views";
import { append, emptyDraft, fakeId, type World } from "./world";

/** How the fake is to be. */
export interface FakeOptions {
  /** How long an answer takes. 0: the next microtask. */
  delayMs?: number;
  /** How long the fake relay takes to acknowledge; absent: only {@link Fake.acknowledge} does. */
  acknowledgeMs?: number;
  /** The clock. */
  now?: () => number;
  phase?: Phase;
  /** No people and no conversations. */
  empty?: boolean;
}

/** The fake and its controls. */
export interface Fake extends Bridge {
  readonly world: World;
  /** All requests so far, the oldest first. */
  readonly asked: Request[];
  emit(event: Event): void;
  changed(...topics: Topic[]): void;
  /** Changes the session and says so. */
  session(part: Partial<SessionView>): void;
  /** The next request of this type is refused. */
  refuseNext(type: Request["type"], problem: Problem): void;
  /** The next request of this type waits for the function that this gives. */
  holdNext(type: Request["type"]): () => void;
  /** Somebody writes, live. */
  incoming(conversation: string, user: string, text: string, mentions?: string[]): void;
  typing(conversation: string, user: string, on: boolean): void;
  /** The relay takes what waits. */
  acknowledge(): void;
  offerUpdate(): void;
}

function signedIn(world: World, phase: Phase): SessionView {
  return {
    phase,
    user: phase === "signed_out" ? null : world.me,
    device: phase === "signed_out" ? null : fakeId("device", 1),
    relay: "chat.example.org",
    connection: phase === "signed_in" ? "online" : "offline",
    retry_at: null,
    problem: null,
    behind: 0,
    unsent: 0,
    failed: 0,
    storage: "persistent",
    share_read: true,
    blocked: [],
  };
}

function makeWorld(options: FakeOptions): World {
  const me = { id: fakeId("user", 255), username: "robin", display_name: "Robin Sommer" };
  const world: World = {
    now: options.now ?? (() => Date.now()),
    me,
    users: new Map([[me.id, me]]),
    conversations: new Map(),
    online: new Set(),
    typing: [],
    watched: { conversation: null, users: [] },
    devices: [],
    session: null as unknown as SessionView,
  };
  world.session = signedIn(world, options.phase ?? "signed_in");
  if (options.empty !== true) seed(world);
  return world;
}

function counted(world: World): SessionView {
  const rows = [...world.conversations.values()].map((conversation) => conversationRow(world, conversation));
  const sum = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  return { ...world.session, unsent: sum((row) => row.pending), failed: sum((row) => row.failed) };
}

function needNetwork(world: World): void {
  if (world.session.connection !== "online") refuse("offline", "There is no connection.");
}

function logIn(world: World, request: Extract<Request, { type: "login" | "register" }>): SessionView {
  if (request.type === "login" && request.password === "wrong password") refuse("bad_credentials", "Wrong user name or password.");
  if (request.type === "register") {
    if (request.username === "ada") refuse("username_taken", "The name is taken.");
    Object.assign(world.me, { username: request.username, display_name: request.display_name });
  }
  world.session = { ...signedIn(world, "signed_in"), share_read: world.session.share_read, blocked: world.session.blocked };
  return counted(world);
}

function answer(world: World, request: Request, changed: (topics: Topic[]) => void): unknown {
  switch (request.type) {
    case "session":
      return counted(world);
    case "conversations":
      return listView(world, request.hidden);
    case "conversation":
      return conversationView(world, conversationOf(world, request.conversation));
    case "window":
      return windowView(world, conversationOf(world, request.conversation), request.at, request.limit);
    case "members":
      return membersView(world, conversationOf(world, request.conversation));
    case "search":
      return searchView(world, request.text, request.conversation, request.next, request.limit);
    case "draft":
      return world.conversations.get(request.conversation)?.draft ?? emptyDraft;
    case "known_users":
      return { users: [...world.users.values()].filter((user) => user.id !== world.me.id) };
    case "presence":
      return presenceView(world);
    case "find_users": {
      needNetwork(world);
      const query = request.query.trim().toLowerCase();
      const users = [...world.users.values()].filter((user) => user.id !== world.me.id);
      return { users: users.filter((user) => user.username.startsWith(query) || user.display_name.toLowerCase().includes(query)) };
    }
    case "devices":
      needNetwork(world);
      return { devices: world.devices };
    case "log_out_device":
      needNetwork(world);
      world.devices = world.devices.filter((device) => device.id !== request.device);
      return {};
    case "register":
    case "login": {
      const session = logIn(world, request);
      changed([{ type: "all" }]);
      return session;
    }
    case "logout":
      if (!request.discard_unsent && counted(world).unsent + counted(world).failed > 0) refuse("unsent_work", "There is unsent work.");
      world.session = signedIn(world, "signed_out");
      changed([{ type: "all" }]);
      return world.session;
    case "reconnect":
      world.session = { ...world.session, connection: "connecting", retry_at: null };
      changed([{ type: "session" }]);
      return {};
    case "open_direct": {
      const conversation = openDirect(world, request);
      changed([{ type: "conversations" }]);
      return { conversation };
    }
    case "create_group": {
      const conversation = createGroup(world, request);
      changed([{ type: "conversations" }]);
      return { conversation };
    }
    default: {
      const topics = perform(world, request) as Topic[] | undefined;
      if (topics === undefined) refuse("internal_client", "The client does not know this request.");
      changed(topics);
      return {};
    }
  }
}

/** Makes a fake client. */
export function createFake(options: FakeOptions = {}): Fake {
  const world = makeWorld(options);
  const listeners = new Set<(event: Event) => void>();
  const asked: Request[] = [];
  const refusals: { type: Request["type"]; problem: Problem }[] = [];
  const holds: { type: Request["type"]; until: Promise<void> }[] = [];
  const waiting = new Set<() => void>();
  let update = false;

  const emit = (event: Event): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const changed = (...topics: Topic[]): void => {
    if (topics.length > 0) emit({ type: "changed", topics });
  };
  const settle = (): void => {
    if (world.session.connection === "online") changed(...acknowledge(world), { type: "session" });
  };
  const take = <T extends { type: Request["type"] }>(from: T[], type: Request["type"]): T | undefined => {
    const place = from.findIndex((entry) => entry.type === type);
    return place < 0 ? undefined : from.splice(place, 1)[0];
  };
  const updates: Updates = {
    available: () => update,
    subscribe: (listener) => {
      waiting.add(listener);
      return () => void waiting.delete(listener);
    },
    apply: () => {
      update = false;
      for (const listener of waiting) listener();
    },
  };

  return {
    world,
    asked,
    emit,
    changed,
    updates,
    async request<R extends Request>(request: R): Promise<AnswerTo<R>> {
      asked.push(request);
      const hold = take(holds, request.type);
      if (hold !== undefined) await hold.until;
      if (options.delayMs !== undefined && options.delayMs > 0) await new Promise((done) => setTimeout(done, options.delayMs));
      const refusal = take(refusals, request.type);
      if (refusal !== undefined) throw new BridgeProblem(refusal.problem);
      if (world.session.phase === "signed_out" && !["session", "login", "register", "logout"].includes(request.type)) {
        refuse("signed_out", "Nobody is signed in on this device.");
      }
      const result = answer(world, request, (topics) => changed(...topics));
      if (request.type === "send") changed({ type: "session" });
      if (options.acknowledgeMs !== undefined) setTimeout(settle, options.acknowledgeMs);
      // What leaves a worker is a copy; sharing would hide mistakes.
      return structuredClone(result) as AnswerTo<R>;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    session(part) {
      world.session = { ...world.session, ...part };
      changed({ type: "session" }, { type: "presence" });
    },
    refuseNext(type, problem) {
      refusals.push({ type, problem });
    },
    holdNext(type) {
      let release: () => void = () => undefined;
      holds.push({ type, until: new Promise((done) => (release = done)) });
      return release;
    },
    incoming(id, user, text, mentions = []) {
      const conversation = conversationOf(world, id);
      const message = append(conversation, {
        id: fakeId("message", 900_000 + asked.length * 100 + conversation.messages.length),
        sender: user,
        at: world.now(),
        content: mentions.length > 0 ? { type: "text", text, mentions } : { type: "text", text },
      });
      conversation.hidden = false;
      world.typing = world.typing.filter((row) => row.user !== user);
      changed(...topicsOf(id), { type: "presence" });
      emit({
        type: "incoming",
        conversation: id,
        title: conversationRow(world, conversation).title,
        message: message.id,
        sender_name: world.users.get(user)?.display_name ?? "",
        text,
        mention: mentions.includes(world.me.id),
        notify: tells(conversation.notify, mentions.includes(world.me.id), world.now()),
      });
    },
    typing(conversation, user, on) {
      world.typing = world.typing.filter((row) => row.user !== user || row.conversation !== conversation);
      if (on) world.typing.push({ conversation, user });
      changed({ type: "presence" });
    },
    acknowledge() {
      changed(...acknowledge(world), { type: "session" });
    },
    offerUpdate() {
      update = true;
      for (const listener of waiting) listener();
    },
  };
}
