/**
 * What a page, its worker and the workers of the other tabs say to each other.
 *
 * Every tab has a worker. One of them, the owner, has the database and runs the engine; the others pass their page's
 * requests on to it. Answers and events are JSON text as the engine wrote it, parsed once, in the page that wants it.
 */
import type { Problem } from "../generated/Problem";
import type { Request } from "../generated/Request";

/** One worker of one tab. A tab that has to start its worker again is another one to the others. */
export type TabId = string;

/** From a page to its worker. */
export type ToWorker =
  | { kind: "hello"; tab: TabId; relay: string }
  | { kind: "ask"; id: number; request: Request }
  | { kind: "network"; there: boolean }
  /** The page shows what it was answered first. */
  | { kind: "painted" }
  | { kind: "ping" }
  | { kind: "bye" };

/** From a worker to its page. */
export type ToPage =
  /** The worker runs and holds the lock that tells when it is gone, where there are locks. */
  | { kind: "ready"; locks: boolean }
  | { kind: "answer"; id: number; reply: string }
  | { kind: "event"; event: string }
  | { kind: "pong" }
  /** The engine broke down; the worker ends itself. */
  | { kind: "broken"; reason: string };

/** Between the workers of all tabs, by the channel {@link CHANNEL}. */
export type Between =
  /** From the owner when it begins: ask again what has no answer yet. */
  | { kind: "owner" }
  | { kind: "ask"; from: TabId; id: number; request: Request }
  | { kind: "answer"; to: TabId; id: number; reply: string }
  /** For all pages but, maybe, one. */
  | { kind: "event"; event: string; except?: TabId }
  /** A tab closes, or is still there; only where there are no locks to tell it. */
  | { kind: "bye"; from: TabId }
  | { kind: "here"; from: TabId };

/** The number is that of these types: tabs of another version do not hear each other. */
export const CHANNEL = "confab-1";

/** Held by the worker of a tab for as long as it lives. */
export const aliveLock = (tab: TabId): string => `confab-tab-${tab}`;

/** Held by the owner. Without a version: whatever the version, one owns the database. */
export const OWNER_LOCK = "confab-owner";

/** A reply as the engine writes it. */
export type Reply = { ok: unknown } | { problem: Problem };
