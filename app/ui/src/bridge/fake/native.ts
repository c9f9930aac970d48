/** A native app in memory, over fake clients: for component tests. */
import { BridgeProblem } from "../bridge";
import type { AccountView } from "../generated/native/AccountView";
import type { LinkView } from "../generated/native/LinkView";
import type { ShellEvent } from "../generated/native/ShellEvent";
import type { ShellRequest } from "../generated/native/ShellRequest";
import type { ShellView } from "../generated/native/ShellView";
import type { Problem } from "../generated/Problem";
import type { Native, ShellAnswerTo } from "../native";
import { createFake, type Fake, type FakeOptions } from "./fake";

/** The fake app and its controls. */
export interface FakeNative extends Native {
  /** How it stands; change it and call {@link FakeNative.changed}. */
  readonly view: ShellView;
  readonly asked: ShellRequest[];
  fake(account: number): Fake;
  /** Somebody is logged in from the beginning, at a relay. */
  signedIn(relay: string, options?: FakeOptions): AccountView;
  changed(): void;
  /** The next request of this type is refused. */
  refuseNext(type: ShellRequest["type"], problem: Problem): void;
  /** Requests of this type wait for the function that this gives. */
  hold(type: ShellRequest["type"]): () => void;
  emit(event: ShellEvent): void;
  /** A deep link came. */
  link(link: Partial<LinkView>): void;
}

const nothing: LinkView = { account: null, relay: null, conversation: null, seq: null };

/** Relays that a test may type: what answers there. */
function probe(address: string): { relay: string; version: string; private: boolean } {
  const refuse = (code: string): never => {
    throw new BridgeProblem({ code, message: `words about ${code}` } satisfies Problem);
  };
  if (address.includes("nowhere")) refuse("unreachable");
  if (address.includes("website")) refuse("not_confab");
  if (address.includes("wrong-cert")) refuse("certificate");
  if (address.includes("old")) refuse("relay_too_old");
  const relay = address.includes("://") ? address : `https://${address}`;
  return { relay, version: "0.1.0", private: relay.startsWith("https://") };
}

/** Makes one, without any account. */
export function createFakeNative(): FakeNative {
  const fakes = new Map<number, Fake>();
  const listeners = new Set<(event: ShellEvent) => void>();
  const asked: ShellRequest[] = [];
  const refusals = new Map<ShellRequest["type"], Problem>();
  const holds = new Map<ShellRequest["type"], Promise<void>>();
  let next = 1;
  let waiting: LinkView = nothing;
  const view: ShellView = {
    accounts: [],
    selected: null,
    settings: { notify: true, notify_text: true, close_to_tray: true, spell_check: true, zoom: 1 },
    secrets: { state: "ready", place: "keychain" },
    system: { name: "linux", version: "0.1.0", tray: true, notifications: true, autostart: false },
  };
  const emit = (event: ShellEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const changed = () => emit({ type: "changed" });

  const add = (relay: string, options: FakeOptions): AccountView => {
    const account: AccountView = {
      account: next, relay, user: null, phase: options.phase ?? "signed_in", connection: "online", unread: 0, mentioned: false,
      problem: null,
    };
    next += 1;
    const fake = createFake(options);
    fake.world.session.relay = relay;
    const learn = () => {
      account.user = fake.world.session.user;
      account.phase = fake.world.session.phase;
    };
    learn();
    fake.subscribe(() => {
      learn();
      changed();
    });
    fakes.set(account.account, fake);
    view.accounts.push(account);
    view.selected = account.account;
    return account;
  };

  const answer = (request: ShellRequest): unknown => {
    switch (request.type) {
      case "probe":
        return probe(request.address);
      case "take_link": {
        const link = waiting;
        waiting = nothing;
        return link;
      }
      case "add_account":
        add(request.relay, { phase: "signed_out", empty: true });
        break;
      case "remove_account":
        view.accounts = view.accounts.filter((account) => account.account !== request.account);
        view.selected = view.accounts[0]?.account ?? null;
        break;
      case "select":
        view.selected = request.account;
        break;
      case "set": {
        const { autostart, ...settings } = request.settings;
        Object.assign(view.settings, settings);
        if (autostart != null) view.system.autostart = autostart;
        break;
      }
      case "keep_secrets":
        if (request.place === "file") view.secrets = { state: "ready", place: "file" };
        break;
      case "state":
      case "painted":
      case "quit":
        return view;
    }
    changed();
    return view;
  };

  return {
    view,
    asked,
    emit,
    changed,
    async request<R extends ShellRequest>(request: R) {
      asked.push(request);
      await holds.get(request.type);
      const problem = refusals.get(request.type);
      refusals.delete(request.type);
      if (problem !== undefined) throw new BridgeProblem(problem);
      return structuredClone(answer(request)) as ShellAnswerTo<R>;
    },
    refuseNext: (type, problem) => void refusals.set(type, problem),
    hold(type) {
      let release: () => void = () => undefined;
      holds.set(type, new Promise((done) => (release = done)));
      return () => {
        holds.delete(type);
        release();
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    account: (account) => fakes.get(account)!,
    fake: (account) => fakes.get(account)!,
    signedIn: (relay, options = {}) => add(relay, options),
    link(link) {
      waiting = { ...nothing, ...link };
      emit({ type: "link" });
    },
  };
}
