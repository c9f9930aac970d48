/**
 * The bridge: the only way from a screen to the client. `generated/` is its contract, made from the Rust types.
 *
 * A shell (browser, Tauri, fake) implements {@link Bridge}. It must not know any screen.
 */
import type { ConversationId } from "./generated/ConversationId";
import type { ConversationsView } from "./generated/ConversationsView";
import type { ConversationView } from "./generated/ConversationView";
import type { DevicesView } from "./generated/DevicesView";
import type { Done } from "./generated/Done";
import type { Draft } from "./generated/Draft";
import type { Event } from "./generated/Event";
import type { MembersView } from "./generated/MembersView";
import type { Opened } from "./generated/Opened";
import type { PresenceView } from "./generated/PresenceView";
import type { Problem } from "./generated/Problem";
import type { Request } from "./generated/Request";
import type { SearchView } from "./generated/SearchView";
import type { SessionView } from "./generated/SessionView";
import type { UsersView } from "./generated/UsersView";
import type { WindowView } from "./generated/WindowView";

/** The answers that are not {@link Done}, by the request's `type`. */
interface Answers {
  session: SessionView;
  register: SessionView;
  login: SessionView;
  logout: SessionView;
  conversations: ConversationsView;
  conversation: ConversationView;
  window: WindowView;
  members: MembersView;
  search: SearchView;
  draft: Draft;
  known_users: UsersView;
  find_users: UsersView;
  presence: PresenceView;
  devices: DevicesView;
  open_direct: Opened;
  create_group: Opened;
}

/** The `type` of a request. */
export type RequestType = Request["type"];

/** What a request is answered with. */
export type AnswerTo<R extends { type: RequestType }> = R["type"] extends keyof Answers ? Answers[R["type"]] : Done;

/** Why a request was not done. Every rejection of {@link Bridge.request} is one of these. */
export class BridgeProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.message}`);
    this.name = "BridgeProblem";
    this.problem = problem;
  }
}

/** A newer version of the page that waits to be taken up. It is offered and never forced. */
export interface Updates {
  /** A newer version is ready. */
  available(): boolean;
  /** Calls back when that changes; gives the function that ends it. */
  subscribe(listener: () => void): () => void;
  /** Takes it up: all tabs reload together. What stands in a composer has been saved as a draft before. */
  apply(): void;
}

/** A new message, as the system is to show it. */
export interface Notice {
  conversation: ConversationId;
  title: string;
  body: string;
}

/** Whether the person lets this page show notifications; `default`: they have not been asked. */
export type NoticesState = "granted" | "denied" | "default";

/** The system's notifications. */
export interface Notices {
  state(): NoticesState;
  /** Asks the person. To be called from a press of theirs. */
  ask(): Promise<NoticesState>;
  /** Shows one, unless the person looks at Confab now, here or in another tab. */
  show(notice: Notice): Promise<void>;
  /** Takes back what was shown of a conversation. */
  withdraw(conversation: ConversationId): Promise<void>;
  /** Calls back when the person presses one; gives the function that ends it. */
  onOpen(listener: (conversation: ConversationId) => void): () => void;
}

/** A connection to the client. */
export interface Bridge {
  /** Asks; rejects with {@link BridgeProblem}. */
  request<R extends Request>(request: R): Promise<AnswerTo<R>>;
  /** Calls back with every event, in order; gives the function that ends it. */
  subscribe(listener: (event: Event) => void): () => void;
  /** Absent where the shell brings its own updates. */
  readonly updates?: Updates;
  /** Absent where there are none, and where the shell shows them by itself. */
  readonly notices?: Notices;
}
