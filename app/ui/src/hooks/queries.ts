/**
 * Live queries. Components that ask the same share one question; it is asked again when a `changed` event concerns it.
 * What is held here is the latest answer for painting, never a truth: it goes when its last component goes.
 */
import { BridgeProblem, type AnswerTo, type Bridge } from "../bridge/bridge";
import type { ConversationsView } from "../bridge/generated/ConversationsView";
import type { ConversationView } from "../bridge/generated/ConversationView";
import type { Problem } from "../bridge/generated/Problem";
import type { Request } from "../bridge/generated/Request";
import { FOREVER_MS } from "../bridge/notify";
import { concerns } from "../bridge/topics";

/** Where a query stands. `data` stays while it is asked again. */
export interface QueryState<T> {
  data: T | undefined;
  problem: Problem | undefined;
  /** No answer has come yet. */
  loading: boolean;
}

/** The queries that are live without a screen changing its mind: they may be asked again at any time. */
export type Query = Extract<
  Request,
  {
    type:
      | "session"
      | "conversations"
      | "conversation"
      | "window"
      | "members"
      | "search"
      | "draft"
      | "known_users"
      | "presence"
      | "find_users"
      | "devices";
  }
>;

/** What costs more than a look: asked again for changes at most so often, in milliseconds. */
const REST_MS: Partial<Record<Query["type"], number>> = { search: 1_000 };

const loading: QueryState<never> = { data: undefined, problem: undefined, loading: true };

/** What kind of problem an unexpected rejection is. */
export function asProblem(error: unknown): Problem {
  if (error instanceof BridgeProblem) return error.problem;
  return { code: "internal_client", message: error instanceof Error ? error.message : String(error) };
}

class LiveQuery {
  state: QueryState<unknown> = loading;
  readonly listeners = new Set<() => void>();
  private asking = false;
  private stale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private asked = -Infinity;

  constructor(
    private readonly bridge: Bridge,
    readonly request: Query,
  ) {}

  /** Asks now; while an answer is on its way further calls only see to it that one more follows. */
  ask(): void {
    if (this.asking) {
      this.stale = true;
      return;
    }
    clearTimeout(this.rest);
    this.rest = undefined;
    this.asking = true;
    this.stale = false;
    this.asked = Date.now();
    this.bridge.request(this.request).then(
      (data) => this.settle({ data, problem: undefined, loading: false }),
      (error: unknown) => this.settle({ data: this.state.data, problem: asProblem(error), loading: false }),
    );
  }

  /** A change concerns it: asks again, at once or when it has rested. */
  changed(): void {
    const wait = this.asked + (REST_MS[this.request.type] ?? 0) - Date.now();
    // A clock that was set back does not make anybody wait longer.
    if (wait <= 0 || wait > (REST_MS[this.request.type] ?? 0)) this.ask();
    else this.rest ??= setTimeout(() => {
      this.rest = undefined;
      if (this.listeners.size > 0) this.ask();
    }, wait);
  }

  /** Nobody wants it any more. */
  end(): void {
    clearTimeout(this.timer);
    clearTimeout(this.rest);
  }

  /** Asks again when the answer's time has come. A longer sleep than a day is not to be relied on. */
  private keepFresh(data: unknown): void {
    clearTimeout(this.timer);
    const at = staleAt(data);
    if (at === undefined) return;
    const pause = Math.min(Math.max(at - Date.now(), 1_000), 24 * 60 * 60 * 1000);
    this.timer = setTimeout(() => {
      if (this.listeners.size > 0) this.ask();
    }, pause);
  }

  private settle(state: QueryState<unknown>): void {
    this.asking = false;
    this.keepFresh(state.data);
    // Painted even if it is known to be old by now: one question is under way at a time, so an answer never goes back
    // behind the one before it, and with changes that come faster than answers nothing else would ever be painted.
    this.state = state;
    for (const listener of [...this.listeners]) listener();
    if (this.stale && this.listeners.size > 0) this.ask();
  }
}

/** When an answer stops being true by itself: what was muted is so no more. Milliseconds since 1970-01-01 UTC. */
function staleAt(data: unknown): number | undefined {
  const { stale_at, row } = (data ?? {}) as Partial<ConversationsView & ConversationView>;
  if (stale_at != null) return stale_at;
  const at = row?.notify.muted_until ?? 0;
  return at > 0 && at < FOREVER_MS ? at : undefined;
}

/** All live queries over one bridge. */
export class QueryCache {
  private readonly live = new Map<string, LiveQuery>();

  constructor(private readonly bridge: Bridge) {
    bridge.subscribe((event) => {
      if (event.type !== "changed") return;
      for (const query of this.live.values()) {
        if (event.topics.some((topic) => concerns(topic, query.request))) query.changed();
      }
    });
  }

  /** Watches a query; gives the function that ends it. */
  subscribe(key: string, request: Query, listener: () => void): () => void {
    let query = this.live.get(key);
    if (query === undefined) {
      query = new LiveQuery(this.bridge, request);
      this.live.set(key, query);
      query.ask();
    }
    const watched = query;
    watched.listeners.add(listener);
    return () => {
      watched.listeners.delete(listener);
      // React subscribes anew within one commit; only a query that nobody wants after it is dropped.
      queueMicrotask(() => {
        if (watched.listeners.size > 0 || this.live.get(key) !== watched) return;
        this.live.delete(key);
        watched.end();
      });
    };
  }

  /** Where the query stands now. */
  read(key: string): QueryState<unknown> {
    return this.live.get(key)?.state ?? loading;
  }

  /** Asks again. */
  refresh(key: string): void {
    this.live.get(key)?.ask();
  }
}

/** The answer of a query, typed. */
export type QueryAnswer<R extends Query> = AnswerTo<R>;
