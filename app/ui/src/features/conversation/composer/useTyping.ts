import { useCallback, useEffect, useRef } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import { useBridge } from "../../../hooks/bridge";

/** The relay forgets who types after a while; so often it is told again, in milliseconds. */
const REPEAT_MS = 4_000;
/** Who rests so long does not type any more, in milliseconds. */
const REST_MS = 5_000;

/** Tells the others that one is typing, and that one is not any more. */
export function useTyping(conversation: ConversationId): (on: boolean) => void {
  const bridge = useBridge();
  const told = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = useCallback(
    (on: boolean) => {
      told.current = on ? Date.now() : 0;
      // Of the moment: lost is lost.
      bridge.request({ type: "typing", conversation, on }).catch(() => undefined);
    },
    [bridge, conversation],
  );
  const tell = useCallback(
    (on: boolean) => {
      clearTimeout(timer.current);
      const typed = told.current !== 0;
      if (!on) {
        if (typed) say(false);
        return;
      }
      timer.current = setTimeout(() => say(false), REST_MS);
      if (Date.now() - told.current >= REPEAT_MS) say(true);
    },
    [say],
  );
  useEffect(() => () => tell(false), [tell]);
  return tell;
}
