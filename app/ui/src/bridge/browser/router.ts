/**
 * Requests of all tabs to the one engine, and back.
 *
 * As long as another worker owns the database, requests go to it over the channel. Whoever becomes the owner says so,
 * and everybody asks again what has no answer yet: what changes something carries an id, so that asking twice does it
 * once.
 */
import type { Request } from "../generated/Request";
import type { Engine } from "./engine";
import type { Between, TabId } from "./messages";
import type { Turns } from "./turns";

/** What the owner knows of a tab. */
interface Screen {
  /** Its number at the engine. */
  number: number;
  /** Requests that came already, the answered ones included: what is asked again in the meantime is no new request. */
  seen: Set<number>;
}

/** So many of a tab's request numbers are remembered; more are never in flight. */
const REMEMBERED = 2048;

export interface RouterParts {
  tab: TabId;
  turns: Turns;
  /** Says something to the workers of the other tabs. */
  say: (message: Between) => void;
  /** Answers this worker's page. */
  answer: (id: number, reply: string) => void;
  /** Tells this worker's page. */
  tell: (event: string) => void;
  /** Opens the engine; called once, when this worker owns the database. Always gives an engine, if only one that refuses. */
  open: () => Promise<Engine>;
}

export class Router {
  readonly #parts: RouterParts;
  /** This page's requests that have no answer, in the order in which they were asked. */
  readonly #waiting = new Map<number, Request>();
  #painted = false;
  #watch: Extract<Request, { type: "watch" }> | undefined;
  #engine: Promise<Engine> | undefined;
  readonly #screens = new Map<TabId, Screen>();
  #screensMade = 0;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Waits for this worker's turn. */
  async run(lost: () => void): Promise<void> {
    const { turns, say, open } = this.#parts;
    await turns.own(lost);
    const engine = open();
    this.#engine = engine;
    say({ kind: "owner" });
    void engine.then((opened) => {
      opened.listen((event) => this.#spread(event));
      if (this.#painted) opened.painted();
    });
    this.#askAgain();
  }

  /** A request of this worker's page. */
  ask(id: number, request: Request): void {
    this.#waiting.set(id, request);
    if (request.type === "watch") this.#watch = request;
    this.#pass(id, request);
  }

  /** This worker's page shows what it was answered first, whoever answered it. */
  async painted(): Promise<void> {
    this.#painted = true;
    (await this.#engine)?.painted();
  }

  /** The system says that there is a network, or none. */
  async network(there: boolean): Promise<void> {
    const engine = await this.#engine;
    if (there) engine?.networkHint();
    else engine?.networkLost();
  }

  /** Something from another tab's worker. */
  hear(message: Between): void {
    const { tab, turns, answer, tell } = this.#parts;
    switch (message.kind) {
      case "owner":
        this.#askAgain();
        break;
      case "ask":
        turns.heard(message.from, false);
        if (this.#engine !== undefined) void this.#serve(message.from, message.id, message.request);
        break;
      case "answer":
        if (message.to === tab && this.#waiting.delete(message.id)) answer(message.id, message.reply);
        break;
      case "event":
        if (message.except !== tab) tell(message.event);
        break;
      case "here":
      case "bye":
        turns.heard(message.from, message.kind === "bye");
        break;
    }
  }

  #pass(id: number, request: Request): void {
    const { tab, say } = this.#parts;
    if (this.#engine === undefined) say({ kind: "ask", from: tab, id, request });
    else void this.#serve(tab, id, request);
  }

  /** There is a new owner: nothing is known of what the last one did, nor does the new one know what is shown here. */
  #askAgain(): void {
    if (this.#watch !== undefined && ![...this.#waiting.values()].includes(this.#watch)) {
      // Under a number that no page uses; its answer is for nobody.
      this.#pass(-1, this.#watch);
    }
    for (const [id, request] of this.#waiting) this.#pass(id, request);
    this.#parts.tell(CHANGED_ALL);
  }

  /** As the owner: a request of any tab. */
  async #serve(from: TabId, id: number, request: Request): Promise<void> {
    const screen = this.#screen(from);
    if (screen.seen.has(id)) return;
    screen.seen.add(id);
    if (screen.seen.size > REMEMBERED) {
      const oldest = screen.seen.values().next();
      if (oldest.done !== true) screen.seen.delete(oldest.value);
    }
    const engine = await this.#engine;
    if (engine === undefined) return;
    const reply = await engine.ask(screen.number, JSON.stringify(request));
    this.#reply(from, id, reply);
    if (request.type === "save_draft") this.#draftSaved(from, request.conversation);
  }

  #reply(to: TabId, id: number, reply: string): void {
    if (to !== this.#parts.tab) this.#parts.say({ kind: "answer", to, id, reply });
    else if (this.#waiting.delete(id)) this.#parts.answer(id, reply);
  }

  #spread(event: string): void {
    this.#parts.say({ kind: "event", event });
    this.#parts.tell(event);
  }

  /** The tab that saved a draft has it; only the others are to ask. */
  #draftSaved(by: TabId, conversation: string): void {
    const event = JSON.stringify({ type: "changed", topics: [{ type: "draft", conversation }] });
    this.#parts.say({ kind: "event", event, except: by });
    if (by !== this.#parts.tab) this.#parts.tell(event);
  }

  #screen(tab: TabId): Screen {
    const known = this.#screens.get(tab);
    if (known !== undefined) return known;
    this.#screensMade += 1;
    const screen = { number: this.#screensMade, seen: new Set<number>() };
    this.#screens.set(tab, screen);
    if (tab !== this.#parts.tab) {
      void this.#parts.turns.gone(tab).then(async () => {
        this.#screens.delete(tab);
        (await this.#engine)?.gone(screen.number);
      });
    }
    return screen;
  }
}

const CHANGED_ALL = JSON.stringify({ type: "changed", topics: [{ type: "all" }] });
