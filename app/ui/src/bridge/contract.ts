/**
 * What every bridge keeps to, whatever is behind it. The suite knows no test runner: it is run over the fake in Vitest,
 * over the browser's in a page (tests/browser) and over the app's in a window (tests/desktop).
 */
import { BridgeProblem, type Bridge } from "./bridge";
import type { Event } from "./generated/Event";
import type { Request } from "./generated/Request";
import { uuidv7 } from "./ids";

/** What the suite needs. */
export interface Subject {
  /** A bridge to a client that nobody is signed in to. */
  bridge: Bridge;
  /** A user name that is free. */
  username: string;
}

/** One rule. They run in this order over one subject. */
export interface Rule {
  name: string;
  check(subject: Subject): Promise<void>;
}

const PASSWORD = "correct horse battery";

function same(got: unknown, wanted: unknown, what: string): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: got ${a}, wanted ${b}`);
}

async function refused(asked: Promise<unknown>, code: string): Promise<void> {
  const outcome = await asked.then(
    () => new Error(`it was not refused (${code})`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof BridgeProblem)) throw outcome instanceof Error ? outcome : new Error(String(outcome));
  same(outcome.problem.code, code, "the code");
  if (outcome.problem.message === "") throw new Error("a problem has words");
}

/** Resolves when an event fits; what came before is given along. */
function until(bridge: Bridge, fits: (event: Event) => boolean): Promise<Event[]> {
  return new Promise((done) => {
    const seen: Event[] = [];
    const stop = bridge.subscribe((event) => {
      seen.push(event);
      if (!fits(event)) return;
      stop();
      done(seen);
    });
  });
}

const about = (event: Event, conversation: string): boolean =>
  event.type === "changed" &&
  event.topics.some((topic) => topic.type === "all" || (topic.type === "conversation" && topic.conversation === conversation));

async function group(bridge: Bridge, title: string): Promise<string> {
  const conversation = uuidv7();
  const opened = await bridge.request({ type: "create_group", id: uuidv7(), conversation, title, members: [] });
  same(opened.conversation, conversation, "the group");
  return conversation;
}

const send = (bridge: Bridge, conversation: string, text: string): Promise<unknown> =>
  bridge.request({ type: "send", id: uuidv7(), conversation, text, mentions: [] });

async function texts(bridge: Bridge, conversation: string): Promise<string[]> {
  const window = await bridge.request({ type: "window", conversation, at: { type: "newest" }, limit: 200 });
  return window.items.flatMap((item) =>
    item.type === "message" && item.message.content?.type === "text" ? [item.message.content.text] : [],
  );
}

/** The suite. */
export const contract: Rule[] = [
  {
    name: "before anybody signs in, the session says so and queries are refused in words",
    async check({ bridge }) {
      same((await bridge.request({ type: "session" })).phase, "signed_out", "the phase");
      await refused(bridge.request({ type: "conversations", hidden: false }), "signed_out");
    },
  },
  {
    name: "registering answers with the session, and the topic all is told",
    async check({ bridge, username }) {
      const told = until(bridge, (event) => event.type === "changed" && event.topics.some((topic) => topic.type === "all"));
      const session = await bridge.request({
        type: "register", username, display_name: "Someone", password: PASSWORD, device_name: "contract",
      });
      same([session.phase, session.user?.username], ["signed_in", username], "the session");
      await told;
    },
  },
  {
    name: "what is not there is refused with a code and words",
    check: ({ bridge }) => refused(bridge.request({ type: "conversation", conversation: uuidv7() }), "not_found"),
  },
  {
    name: "a change is answered when it is accepted, told as changed, and there when asked for",
    async check({ bridge }) {
      const conversation = await group(bridge, "Told");
      const told = until(bridge, (event) => about(event, conversation));
      same(await send(bridge, conversation, "hello"), {}, "the answer");
      await told;
      same(await texts(bridge, conversation), ["hello"], "the texts");
    },
  },
  {
    name: "requests are taken in the order in which they were made",
    async check({ bridge }) {
      const conversation = await group(bridge, "In order");
      const wanted = Array.from({ length: 40 }, (_, number) => `message ${number}`);
      await Promise.all(wanted.map((text) => send(bridge, conversation, text)));
      same(await texts(bridge, conversation), wanted, "the order");
    },
  },
  {
    name: "every text comes back as it was",
    async check({ bridge }) {
      const conversation = await group(bridge, "Texts");
      const wanted = [
        "line\nline\ttab", "\"quoted\" \\ back", "</script><b>&amp;", "a\u2028b\u2029c", "مرحبا שלום", "👩‍👩‍👧‍👦🇦🇹", "x".repeat(8000),
      ];
      for (const text of wanted) await send(bridge, conversation, text);
      same(await texts(bridge, conversation), wanted, "the texts");
    },
  },
  {
    name: "a draft is kept until it is emptied",
    async check({ bridge }) {
      const conversation = await group(bridge, "Draft");
      const before = await bridge.request({ type: "draft", conversation });
      await bridge.request({ type: "save_draft", conversation, draft: { ...before, text: "half a thou" } });
      same((await bridge.request({ type: "draft", conversation })).text, "half a thou", "the draft");
      await bridge.request({ type: "save_draft", conversation, draft: before });
      same((await bridge.request({ type: "draft", conversation })).text, before.text, "the empty draft");
    },
  },
  {
    name: "everyone who listens hears the same, and nobody who has stopped",
    async check({ bridge }) {
      const conversation = await group(bridge, "Listeners");
      const [one, two, gone]: [string[], string[], string[]] = [[], [], []];
      const ends = [
        bridge.subscribe((event) => one.push(JSON.stringify(event))),
        bridge.subscribe((event) => two.push(JSON.stringify(event))),
      ];
      bridge.subscribe((event) => gone.push(JSON.stringify(event)))();
      const told = until(bridge, (event) => about(event, conversation));
      await send(bridge, conversation, "heard");
      await told;
      for (const end of ends) end();
      same(two, one, "what two heard");
      same([one.length > 0, gone.length], [true, 0], "who heard");
    },
  },
  {
    name: "a request that no client knows is refused, and nothing breaks",
    async check({ bridge }) {
      await refused(bridge.request({ type: "of_tomorrow" } as unknown as Request), "internal_client");
      same((await bridge.request({ type: "session" })).phase, "signed_in", "the phase");
    },
  },
  {
    name: "logging out with nothing unsent answers with the session, and queries are refused from then on",
    async check({ bridge }) {
      const session = await bridge.request({ type: "logout", discard_unsent: true });
      same([session.phase, session.user], ["signed_out", null], "the session");
      await refused(bridge.request({ type: "known_users" }), "signed_out");
    },
  },
];

/** Longer than any rule takes: one that waits in vain is to be named. */
const NEVER_MS = 30_000;

const never = (): Promise<never> =>
  new Promise((_, failed) => setTimeout(() => failed(new Error("it waited in vain")), NEVER_MS));

/** How a rule went. */
export interface Outcome {
  name: string;
  /** What was wrong; null if the rule was kept. */
  failure: string | null;
}

/** Every rule in its order, for a page that a test looks into from outside. */
export async function check(subject: Subject): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const rule of contract) {
    const failure = await Promise.race([rule.check(subject), never()]).then(
      () => null,
      (error: unknown) => String(error),
    );
    outcomes.push({ name: rule.name, failure });
  }
  return outcomes;
}
