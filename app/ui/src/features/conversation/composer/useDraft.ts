import { useCallback, useEffect, useRef, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { Draft } from "../../../bridge/generated/Draft";
import type { UserId } from "../../../bridge/generated/UserId";
import { useBridge } from "../../../hooks/bridge";
import { useQuery } from "../../../hooks/useQuery";

/** After so long without a keystroke the draft is kept, in milliseconds. */
const SAVE_MS = 400;

export const emptyDraft: Draft = { text: "", reply_to: null, mentions: [], edit: null };

const sameDraft = (one: Draft, other: Draft): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The text that one writes at, of an edit or of a new message. */
export interface Written {
  text: string;
  mentions: UserId[];
}

/** What was typed before the kept draft had come stays, behind it. */
function joined(kept: Draft, typed: Draft): Draft {
  const edit = kept.edit === null ? typed.edit : { ...kept.edit, text: kept.edit.text + typed.text };
  return {
    ...kept,
    text: kept.edit === null ? kept.text + typed.text : kept.text,
    reply_to: typed.reply_to ?? kept.reply_to,
    edit,
  };
}

/** What stands in a composer. */
export interface DraftHandle {
  draft: Draft;
  /** The kept draft has come: before that nothing may be written over it. */
  ready: boolean;
  change: (part: Partial<Draft>) => void;
  /** Writes into the edit that is under way, else into the message to be sent. */
  write: (part: Partial<Written>) => void;
  /** What stands there at this moment. */
  latest: () => Draft;
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
    const value = first ? joined(kept, now.current) : kept;
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

  const write = useCallback(
    (part: Partial<Written>) => {
      const { edit } = now.current;
      change(edit === null ? part : { edit: { ...edit, ...part } });
    },
    [change],
  );
  const latest = useCallback(() => now.current, []);

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
  return { draft, ready, change, write, latest, flush: save };
}
