import { createContext, use, type ReactElement, type ReactNode } from "react";
import type { Bridge } from "../bridge/bridge";
import { QueryCache } from "./queries";
import { Troubles } from "./troubles";

interface Held {
  bridge: Bridge;
  queries: QueryCache;
  troubles: Troubles;
}

const Context = createContext<Held | null>(null);
const held = new WeakMap<Bridge, Held>();

function hold(bridge: Bridge): Held {
  let entry = held.get(bridge);
  if (entry === undefined) {
    entry = { bridge, queries: new QueryCache(bridge), troubles: new Troubles(bridge) };
    held.set(bridge, entry);
  }
  return entry;
}

/** Gives the screens below it their bridge. */
export function BridgeProvider({ bridge, children }: { bridge: Bridge; children: ReactNode }): ReactElement {
  return <Context value={hold(bridge)}>{children}</Context>;
}

/** The bridge, the live queries over it, and what went wrong on it. */
export function useHeld(): Held {
  const entry = use(Context);
  if (entry === null) throw new Error("no BridgeProvider above");
  return entry;
}

/** The bridge. */
export function useBridge(): Bridge {
  return useHeld().bridge;
}
