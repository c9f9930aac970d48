import { useCallback, useRef, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { Draft } from "../../../bridge/generated/Draft";
import type { Problem } from "../../../bridge/generated/Problem";
import type { UserId } from "../../../bridge/generated/UserId";
import { uuidv7 } from "../../../bridge/ids";
import { useBridge } from "../../../hooks/bridge";
import { asProblem } from "../../../hooks/queries";

/** Sends or edits. */
export interface Submit {
  busy: boolean;
  problem: Problem | null;
  clear: () => void;
  /** True once it is in the outbox on disk: only then the composer may empty. */
  submit: (draft: Draft, mentions: UserId[]) => Promise<boolean>;
}

/** Hands what stands in the composer to the engine. A try that failed keeps its id, so that it cannot go out twice. */
export function useSubmit(conversation: ConversationId): Submit {
  const bridge = useBridge();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const attempt = useRef<{ what: string; id: string } | null>(null);
  const submit = useCallback(
    async (draft: Draft, mentions: UserId[]) => {
      if (running.current) return false;
      running.current = true;
      const { edit } = draft;
      const text = (edit ?? draft).text.trim();
      const what = JSON.stringify([text, mentions, draft.reply_to, edit?.message]);
      if (attempt.current?.what !== what) attempt.current = { what, id: uuidv7() };
      const { id } = attempt.current;
      setBusy(true);
      setProblem(null);
      try {
        if (edit !== null) {
          await bridge.request({ type: "edit", id, conversation, message: edit.message, text, mentions });
        } else {
          const reply = draft.reply_to === null ? {} : { reply_to: draft.reply_to };
          await bridge.request({ type: "send", id, conversation, text, mentions, ...reply });
        }
        attempt.current = null;
        return true;
      } catch (error) {
        setProblem(asProblem(error));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [bridge, conversation],
  );
  return { busy, problem, clear: useCallback(() => setProblem(null), []), submit };
}
