import { createContext, use, useEffect, useState, type ReactElement, type ReactNode } from "react";
import type { ShellView } from "../bridge/generated/native/ShellView";
import type { Native } from "../bridge/native";
import type { Problem } from "../bridge/generated/Problem";
import { asProblem } from "./queries";

/** The app around this client, and how it stands. */
export interface NativeApp {
  native: Native;
  view: ShellView;
  /** Opens the way to one more account, perhaps with a relay's address. */
  addAccount: (address?: string) => void;
  /** Draws everything larger or smaller, a step from what was asked for last. */
  zoom: (next: (now: number) => number) => Promise<void>;
}

const Context = createContext<NativeApp | null>(null);

/** Gives the screens below it the app around them. */
export function NativeProvider({ value, children }: { value: NativeApp; children: ReactNode }): ReactElement {
  return <Context value={value}>{children}</Context>;
}

/** The app around this client; `null` in a browser's page. */
export function useNativeApp(): NativeApp | null {
  return use(Context);
}

/** How the app stands, live; a problem if it could not be opened at all. */
export function useShellView(native: Native): { view: ShellView | undefined; problem: Problem | undefined } {
  const [view, setView] = useState<ShellView>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let wanted = true;
    let asking = false;
    let stale = false;
    const ask = () => {
      if (asking) {
        stale = true;
        return;
      }
      asking = true;
      stale = false;
      native
        .request({ type: "state" })
        .then(
          (now) => {
            if (wanted) setView(now);
          },
          (error: unknown) => {
            if (wanted) setProblem(asProblem(error));
          },
        )
        .finally(() => {
          asking = false;
          if (stale && wanted) ask();
        });
    };
    const stop = native.subscribe((event) => {
      if (event.type === "changed") ask();
    });
    ask();
    return () => {
      wanted = false;
      stop();
    };
  }, [native]);
  return { view, problem };
}
