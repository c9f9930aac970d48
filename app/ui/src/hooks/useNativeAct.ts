import { useCallback } from "react";
import type { ShellRequest } from "../bridge/generated/native/ShellRequest";
import type { Native, ShellAnswerTo } from "../bridge/native";
import { type Going, useAttempt } from "./useAttempt";

interface NativeAct extends Going {
  act: <R extends ShellRequest>(request: R) => Promise<ShellAnswerTo<R> | undefined>;
}

/** As `useAct`, for what a person asks of the app around the clients. */
export function useNativeAct(native: Native): NativeAct {
  const { attempt, ...going } = useAttempt();
  const act = useCallback(<R extends ShellRequest>(request: R) => attempt(() => native.request(request)), [attempt, native]);
  return { act, ...going };
}
