/** The engine: WebAssembly with its database, in the worker of the owning tab. */
import type { Problem } from "../generated/Problem";
import type { Blocks } from "./blocks";
import { owed } from "./owed";

export interface Engine {
  /** A request as JSON, answered with a {@link import("./messages").Reply} as JSON. */
  ask(screen: number, request: string): Promise<string>;
  /** A tab is gone. */
  gone(screen: number): void;
  /** Calls back with every event as JSON. */
  listen(listener: (event: string) => void): void;
  /** A page shows what is held here: the first socket, which waits for that, may open. */
  painted(): void;
  /** The system says that there is a network. */
  networkHint(): void;
  /** The system says that there is none. */
  networkLost(): void;
}

/** After a worker's death the browser keeps its files locked for about two seconds. */
const LOCKED_TRIES = 40;
const LOCKED_PAUSE_MS = 250;

/**
 * Opens the engine on the best storage that there is. Where it cannot be opened at all, the engine that it gives refuses
 * everything and says why.
 */
export async function openEngine(relay: string, blocks: () => Promise<Blocks | undefined>): Promise<Engine> {
  try {
    const { default: load, Core } = await import("#engine");
    await load();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await Core.openFiles(relay, owed);
      } catch (error) {
        const failure = asFailure(error);
        if (failure.why === "locked" && attempt < LOCKED_TRIES) await pause(LOCKED_PAUSE_MS);
        else if (failure.why === "unsupported") return await Core.openBlocks(relay, owed, await blocks());
        else return refusing(failure.problem);
      }
    }
  } catch (error) {
    return refusing(asFailure(error).problem);
  }
}

interface Failure {
  /** Another worker has the files, the browser has none to give, or the database is unusable. */
  why: "locked" | "unsupported" | "broken";
  problem: Problem;
}

function asFailure(error: unknown): Failure {
  if (typeof error === "string") return JSON.parse(error) as Failure;
  const message = error instanceof Error ? error.message : String(error);
  // The engine did not load, or broke while it opened: nothing is known of the storage.
  return { why: "broken", problem: { code: "internal_client", message } };
}

function refusing(problem: Problem): Engine {
  const reply = JSON.stringify({ problem });
  return {
    ask: () => Promise.resolve(reply),
    gone: () => undefined,
    listen: () => undefined,
    painted: () => undefined,
    networkHint: () => undefined,
    networkLost: () => undefined,
  };
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
