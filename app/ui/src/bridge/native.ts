/**
 * The app around the clients, where there is one (Tauri): several accounts, each with a {@link Bridge} of its own, and
 * what a native app has beside them. A browser's page has one account and none of this.
 */
import type { Bridge } from "./bridge";
import type { LinkView } from "./generated/native/LinkView";
import type { Probed } from "./generated/native/Probed";
import type { ShellEvent } from "./generated/native/ShellEvent";
import type { ShellRequest } from "./generated/native/ShellRequest";
import type { ShellView } from "./generated/native/ShellView";

/** The answers that are not a {@link ShellView}, by the request's `type`. */
interface Answers {
  probe: Probed;
  take_link: LinkView;
}

/** What a request to the shell is answered with. */
export type ShellAnswerTo<R extends ShellRequest> = R["type"] extends keyof Answers ? Answers[R["type"]] : ShellView;

/** The app around the clients. */
export interface Native {
  /** Asks; rejects with {@link BridgeProblem}. */
  request<R extends ShellRequest>(request: R): Promise<ShellAnswerTo<R>>;
  /** Calls back with every event, in order; gives the function that ends it. */
  subscribe(listener: (event: ShellEvent) => void): () => void;
  /** An account's client: always the same object for the same account. */
  account(account: number): Bridge;
}

/** What a shell opens: one client, or an app with several. */
export type Opened = Bridge | Native;

/** Which of the two it is. */
export function isNative(opened: Opened): opened is Native {
  return "account" in opened;
}
