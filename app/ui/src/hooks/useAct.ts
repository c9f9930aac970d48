import { useCallback, useEffect, useRef, useState } from "react";
import type { AnswerTo } from "../bridge/bridge";
import type { Problem } from "../bridge/generated/Problem";
import type { Request } from "../bridge/generated/Request";
import { useBridge } from "./bridge";
import { asProblem } from "./queries";

/** How something that a person does goes. */
export interface Act {
  /** Does it. Resolves with the answer, or with `undefined` after a problem (which is then in `problem`). */
  act: <R extends Request>(request: R) => Promise<AnswerTo<R> | undefined>;
  busy: boolean;
  problem: Problem | undefined;
  /** Forgets the problem. */
  clear: () => void;
}

/** One thing at a time that a person does, with its waiting and its problem. */
export function useAct(): Act {
  const bridge = useBridge();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const act = useCallback(
    async <R extends Request>(request: R): Promise<AnswerTo<R> | undefined> => {
      setBusy(true);
      setProblem(undefined);
      try {
        return await bridge.request(request);
      } catch (error) {
        if (alive.current) setProblem(asProblem(error));
        return undefined;
      } finally {
        if (alive.current) setBusy(false);
      }
    },
    [bridge],
  );
  const clear = useCallback(() => setProblem(undefined), []);
  return { act, busy, problem, clear };
}
