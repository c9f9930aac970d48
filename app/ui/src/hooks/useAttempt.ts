import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem } from "../bridge/generated/Problem";
import { asProblem } from "./queries";

/** How something that a person does goes. */
export interface Going {
  busy: boolean;
  problem: Problem | undefined;
  /** Forgets the problem. */
  clear: () => void;
}

/** One thing at a time that may fail: `undefined` comes back after a problem, which is then in `problem`. */
export function useAttempt(): Going & { attempt: <T>(what: () => Promise<T>) => Promise<T | undefined> } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const attempt = useCallback(async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setProblem(undefined);
    try {
      return await what();
    } catch (error) {
      if (alive.current) setProblem(asProblem(error));
      return undefined;
    } finally {
      if (alive.current) setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setProblem(undefined), []);
  return { attempt, busy, problem, clear };
}
