import { useCallback } from "react";
import type { AnswerTo } from "../bridge/bridge";
import type { Request } from "../bridge/generated/Request";
import { useBridge } from "./bridge";
import { type Going, useAttempt } from "./useAttempt";

/** Something that a person does, with its waiting and its problem. */
export interface Act extends Going {
  /** Does it. Resolves with the answer, or with `undefined` after a problem (which is then in `problem`). */
  act: <R extends Request>(request: R) => Promise<AnswerTo<R> | undefined>;
}

/** One thing at a time that a person asks of the client. */
export function useAct(): Act {
  const bridge = useBridge();
  const { attempt, ...going } = useAttempt();
  const act = useCallback(<R extends Request>(request: R) => attempt(() => bridge.request(request)), [attempt, bridge]);
  return { act, ...going };
}
