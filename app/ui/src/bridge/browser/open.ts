/** The page's side of the bridge: one worker, kept alive, and everything that waits for its answers. */
import { BridgeProblem, type AnswerTo, type Bridge } from "../bridge";
import type { Event } from "../generated/Event";
import type { Problem } from "../generated/Problem";
import type { Request } from "../generated/Request";
import { uuidv7 } from "../ids";
import { aliveLock, type Reply, type ToPage, type ToWorker } from "./messages";
import { systemNotices } from "./notices";
import { keepStorage } from "./persist";
import { watchUpdates } from "./updates";

/** A worker that dies sooner than this after its start has not worked. */
const LIVED_MS = 30_000;
const RESTART_PAUSE_MS = 500;
const RESTARTS = 5;
/** Without locks a dead worker is known by its silence. Timers of a hidden page are slow, so pings are counted. */
const PING_MS = 5_000;
const UNANSWERED_PINGS = 3;

interface Waiting {
  request: Request;
  done: (answer: unknown) => void;
  failed: (problem: BridgeProblem) => void;
}

/** Connects this page to the engine in its worker. */
export function openBridge(): Promise<Bridge> {
  const client = new PageClient();
  client.start();
  return Promise.resolve({
    request: async <R extends Request>(request: R) => {
      const answer = (await client.request(request)) as AnswerTo<R>;
      if (request.type === "send") keepStorage();
      return answer;
    },
    subscribe: (listener) => client.subscribe(listener),
    updates: watchUpdates(),
    notices: systemNotices(),
  });
}

class PageClient {
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: Event) => void>();
  #asked = 0;
  #worker: Worker | undefined;
  #ready = false;
  #started = 0;
  #failures = 0;
  #unanswered = 0;
  #problem: Problem | undefined;
  #painted = false;

  constructor() {
    addEventListener("online", () => this.#post({ kind: "network", there: true }));
    addEventListener("offline", () => this.#post({ kind: "network", there: false }));
    addEventListener("pagehide", () => this.#post({ kind: "bye" }));
    addEventListener("pageshow", (event) => {
      // Out of the browser's cache of pages: others have taken over in the meantime.
      if (event.persisted) this.#restart(this.#worker, "The page was put aside.");
    });
  }

  request(request: Request): Promise<unknown> {
    if (this.#problem !== undefined) return Promise.reject(new BridgeProblem(this.#problem));
    return new Promise((done, failed) => {
      this.#asked += 1;
      const id = this.#asked;
      this.#waiting.set(id, { request, done, failed });
      if (this.#ready) this.#post({ kind: "ask", id, request });
    });
  }

  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    const tab = uuidv7();
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "confab" });
    this.#worker = worker;
    this.#ready = false;
    this.#started = performance.now();
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.#hear(worker, tab, data);
    worker.onerror = (event) => {
      // Its script did not load. What goes wrong later, it tells itself.
      if (!this.#ready) this.#restart(worker, event.message);
    };
    worker.postMessage({ kind: "hello", tab, relay: location.origin } satisfies ToWorker);
  }

  #hear(worker: Worker, tab: string, message: ToPage): void {
    if (worker !== this.#worker) return;
    this.#unanswered = 0;
    switch (message.kind) {
      case "ready":
        this.#ready = true;
        if (this.#painted) this.#post({ kind: "painted" });
        if (message.locks) this.#awaitEnd(worker, tab);
        else this.#listenForSilence(worker);
        for (const [id, { request }] of this.#waiting) this.#post({ kind: "ask", id, request });
        break;
      case "answer":
        this.#answer(message.id, message.reply);
        break;
      case "event":
        this.#tell(JSON.parse(message.event) as Event);
        break;
      case "broken":
        this.#restart(worker, message.reason);
        break;
      case "pong":
        break;
    }
  }

  #answer(id: number, text: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const reply = JSON.parse(text) as Reply;
    if ("problem" in reply) waiting.failed(new BridgeProblem(reply.problem));
    else waiting.done(reply.ok);
    const { type } = waiting.request;
    if (type === "conversations" || type === "window") this.#watchPaint();
  }

  /** Tells the worker once when the first list or window has been drawn: in the frame after the one that renders it. */
  #watchPaint(): void {
    if (this.#painted) return;
    this.#painted = true;
    const told = (): void => void setTimeout(() => this.#post({ kind: "painted" }));
    // A page in the background draws no frames.
    if (document.visibilityState === "hidden") told();
    else requestAnimationFrame(() => requestAnimationFrame(told));
  }

  #tell(event: Event): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** The worker's lock is free again when the worker is gone, killed or crashed. */
  #awaitEnd(worker: Worker, tab: string): void {
    void navigator.locks.request(aliveLock(tab), () => this.#restart(worker, "The worker ended."));
  }

  #listenForSilence(worker: Worker): void {
    const timer = setInterval(() => {
      if (worker !== this.#worker) clearInterval(timer);
      else if (this.#unanswered >= UNANSWERED_PINGS) this.#restart(worker, "The worker is silent.");
      else {
        this.#unanswered += 1;
        this.#post({ kind: "ping" });
      }
    }, PING_MS);
  }

  #restart(worker: Worker | undefined, reason: string): void {
    if (worker === undefined || worker !== this.#worker) return;
    worker.terminate();
    this.#worker = undefined;
    this.#ready = false;
    this.#failures = performance.now() - this.#started > LIVED_MS ? 1 : this.#failures + 1;
    if (this.#failures > RESTARTS) {
      this.#giveUp({ code: "internal_client", message: `The client stopped again and again: ${reason} Reload the page.` });
      return;
    }
    setTimeout(() => this.start(), RESTART_PAUSE_MS * 2 ** (this.#failures - 1));
  }

  #giveUp(problem: Problem): void {
    this.#problem = problem;
    for (const { failed } of this.#waiting.values()) failed(new BridgeProblem(problem));
    this.#waiting.clear();
    this.#tell({ type: "trouble", problem });
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }
}
