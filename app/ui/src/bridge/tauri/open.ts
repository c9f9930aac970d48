/** The page's side of the bridge in the native app: Tauri's commands, and a channel each for what is told. */
import { addPluginListener, Channel, invoke } from "@tauri-apps/api/core";
import { BridgeProblem, type AnswerTo, type Bridge } from "../bridge";
import type { Event } from "../generated/Event";
import type { ShellEvent } from "../generated/native/ShellEvent";
import type { ShellRequest } from "../generated/native/ShellRequest";
import type { Problem } from "../generated/Problem";
import type { Request } from "../generated/Request";
import type { Native, ShellAnswerTo } from "../native";

/** Connects this window to the app around it. */
export function openBridge(): Promise<Native> {
  const bridges = new Map<number, Bridge>();
  const shell = listening<ShellEvent>(null);
  const network = (there: boolean) => () => void command("network", { there }).catch(() => undefined);
  addEventListener("online", network(true));
  addEventListener("offline", network(false));
  // An iPad says that it is a Macintosh.
  if (/iPhone|iPad/.test(navigator.userAgent) || navigator.maxTouchPoints > 1) hearTouches();
  return Promise.resolve({
    request: <R extends ShellRequest>(request: R) => command("shell", { request }) as Promise<ShellAnswerTo<R>>,
    subscribe: shell,
    account(account) {
      let bridge = bridges.get(account);
      if (bridge === undefined) {
        bridge = openAccount(account);
        bridges.set(account, bridge);
      }
      return bridge;
    },
  });
}

/** On iOS the plugin tells pages, not the app, that a notification was touched. Elsewhere this is refused. */
function hearTouches(): void {
  addPluginListener("notification", "actionPerformed", (touched: { notification: { id: number } }) => {
    command("touched", { number: touched.notification.id }).catch(() => undefined);
  }).catch(() => undefined);
}

function openAccount(account: number): Bridge {
  return {
    request: <R extends Request>(request: R) => command("ask", { account, request }) as Promise<AnswerTo<R>>,
    subscribe: listening<Event>(account),
  };
}

/** One channel for all who listen; it is opened before anybody can ask, so that no event is missed. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- What a channel carries follows from the account.
function listening<E>(account: number | null): (listener: (event: E) => void) => () => void {
  const listeners = new Set<(event: E) => void>();
  const channel = new Channel<E>((event) => {
    for (const listener of [...listeners]) listener(event);
  });
  // A page that cannot listen learns from its requests what is wrong.
  command("listen", { account, channel }).catch(() => undefined);
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

async function command(name: string, payload: Record<string, unknown>): Promise<unknown> {
  try {
    return await invoke(name, payload);
  } catch (error) {
    throw new BridgeProblem(asProblem(error));
  }
}

/** A refusal of the app's own, or of Tauri (a command that this window may not call), which is text. */
function asProblem(error: unknown): Problem {
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) return error as Problem;
  return { code: "internal_client", message: String(error) };
}
