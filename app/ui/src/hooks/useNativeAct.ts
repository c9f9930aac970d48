import { useCallback, useState } from "react";
import type { ShellRequest } from "../bridge/generated/native/ShellRequest";
import type { Problem } from "../bridge/generated/Problem";
import type { Native, ShellAnswerTo } from "../bridge/native";
import { asProblem } from "./queries";

/** As `useAct`, for what a person asks of the app around the clients. */
export function useNativeAct(native: Native): {
  act: <R extends ShellRequest>(request: R) => Promise<ShellAnswerTo<R> | undefined>;
  busy: boolean;
  problem: Problem | undefined;
  clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = useCallback(
    async <R extends ShellRequest>(request: R) => {
      setBusy(true);
      setProblem(undefined);
      try {
        return await native.request(request);
      } catch (error) {
        setProblem(asProblem(error));
        return undefined;
      } finally {
        setBusy(false);
      }
    },
    [native],
  );
  const clear = useCallback(() => setProblem(undefined), []);
  return { act, busy, problem, clear };
}
