/** A tab's worker: its page's way to the engine, and the engine's home when it is this tab's turn. */
import { openBlocks } from "./blocks";
import { openEngine } from "./engine";
import { leaseTurns } from "./lease";
import { type Between, CHANNEL, type TabId, type ToPage, type ToWorker } from "./messages";
import { Router } from "./router";
import { lockTurns, showLife, type Turns } from "./turns";

interface WorkerScope {
  postMessage(message: ToPage): void;
  close(): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
  addEventListener(type: "unhandledrejection", listener: (event: PromiseRejectionEvent) => void): void;
}

const scope = self as unknown as WorkerScope;
// Absent on plain http.
const locks = (navigator as { locks?: LockManager }).locks;

/** A panic inside the engine ends as one of these; what it left behind in memory is not to be trusted. */
function breakDown(error: unknown): void {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  scope.postMessage({ kind: "broken", reason: error.message });
  scope.close();
}
scope.addEventListener("error", (event) => breakDown(event.error));
scope.addEventListener("unhandledrejection", (event) => breakDown(event.reason));

function lost(): void {
  scope.postMessage({ kind: "broken", reason: "Another tab took the database." });
  scope.close();
}

let router: Router | undefined;
let turns: Turns;

async function start(tab: TabId, relay: string): Promise<void> {
  const channel = new BroadcastChannel(CHANNEL);
  const say = (message: Between): void => channel.postMessage(message);
  turns = locks === undefined ? leaseTurns(tab, say) : lockTurns(locks);
  router = new Router({
    tab,
    turns,
    say,
    answer: (id, reply) => scope.postMessage({ kind: "answer", id, reply }),
    tell: (event) => scope.postMessage({ kind: "event", event }),
    open: () => openEngine(relay, () => openBlocks(tab, locks !== undefined, lost)),
  });
  channel.onmessage = (event: MessageEvent<Between>) => router?.hear(event.data);
  if (locks !== undefined) await showLife(locks, tab);
  scope.postMessage({ kind: "ready", locks: locks !== undefined });
  await router.run(lost);
}

scope.addEventListener("message", ({ data }) => {
  switch (data.kind) {
    case "hello":
      void start(data.tab, data.relay);
      break;
    case "ask":
      router?.ask(data.id, data.request);
      break;
    case "network":
      void router?.network(data.there);
      break;
    case "painted":
      void router?.painted();
      break;
    case "ping":
      scope.postMessage({ kind: "pong" });
      break;
    case "bye":
      turns.leave();
      break;
  }
});
