import { useCallback, useEffect, useRef, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { Draft } from "../../../bridge/generated/Draft";
import { useBridge } from "../../../hooks/bridge";
import { useQuery } from "../../../hooks/useQuery";

/** After so long without a keystroke the draft is kept, in milliseconds. */
const SAVE_MS = 400;

export const emptyDraft: Draft = { text: "", reply_to: null, editing: null, mentions: [] };

const sameDraft = (one: Draft, other: Draft): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What stands in a composer. */
export interface DraftHandle {
  draft: Draft;
  /** The kept draft has come: before that nothing may be written over it. */
  ready: boolean;
  change: (part: Partial<Draft>) => void;
  /** Keeps it now. */
  flush: () => void;
}

/**
 * The draft of a conversation. While the composer is open its own text is the truth and is kept a moment after each
 * change, and at once when the page may go. What another tab saved is taken over unless one is writing here.
 */
export function useDraft(conversation: ConversationId, writing: () => boolean): DraftHandle {
  const bridge = useBridge();
  const { data: kept, problem } = useQuery({ type: "draft", conversation });
  const [draft, setDraft] = useState(emptyDraft);
  const [taken, setTaken] = useState<Draft | null>(null);
  const now = useRef(emptyDraft);
  const saved = useRef<Draft | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // Without the kept one (it could not be read) one can still write.
  const ready = taken !== null || problem !== undefined;

  const save = useCallback(() => {
    clearTimeout(timer.current);
    const value = now.current;
    if (saved.current === null || sameDraft(saved.current, value)) return;
    saved.current = value;
    bridge.request({ type: "save_draft", conversation, draft: value }).catch(() => {
      // Kept with the next change; the text still stands here.
      saved.current = emptyDraft;
    });
  }, [bridge, conversation]);

  useEffect(() => {
    if (kept === undefined || (taken !== null && (sameDraft(kept, taken) || sameDraft(kept, now.current)))) return;
    const first = saved.current === null;
    if (!first && (writing() || !sameDraft(saved.current ?? emptyDraft, now.current))) return;
    // What was typed before the kept one had come stays.
    const value = first && now.current.text !== "" ? { ...now.current, text: `${kept.text}${now.current.text}` } : kept;
    saved.current = kept;
    now.current = value;

    setDraft(value);
    setTaken(kept);
  }, [kept, taken, writing]);

  const change = useCallback(
    (part: Partial<Draft>) => {
      const value = { ...now.current, ...part };
      now.current = value;
      setDraft(value);
      clearTimeout(timer.current);
      timer.current = setTimeout(save, SAVE_MS);
    },
    [save],
  );

  useEffect(() => {
    const hidden = () => {
      if (document.visibilityState === "hidden") save();
    };
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("pagehide", save);
    window.addEventListener("beforeunload", save);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("pagehide", save);
      window.removeEventListener("beforeunload", save);
      save();
    };
  }, [save]);
  return { draft, ready, change, flush: save };
}
