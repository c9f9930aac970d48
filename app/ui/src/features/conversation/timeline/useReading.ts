import { useCallback, useEffect, useRef, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { WindowView } from "../../../bridge/generated/WindowView";
import { useBridge } from "../../../hooks/bridge";
import type { Seen } from "./scrollKeeper";

/** Marks are gathered for a moment while one scrolls, in milliseconds. */
const GATHER_MS = 250;
/** So much of a message must be in sight for it to count as read, in pixels. */
const ENOUGH = 40;

const attended = (): boolean => document.visibilityState === "visible" && document.hasFocus();

/** The seq up to which everything has been on the screen. */
function seenSeq(seen: Seen): number {
  const edge = seen.top + seen.height;
  for (let index = seen.rows.length - 1; index >= 0; index -= 1) {
    const row = seen.rows[index];
    if (row?.dataset["seq"] === undefined) continue;
    if (edge - row.offsetTop >= Math.min(ENOUGH, row.offsetHeight)) return Number(row.dataset["seq"]);
  }
  return 0;
}

/** Tells how far has been read while the page is in sight and has the focus, and where "new messages" begins. */
export function useReading(conversation: ConversationId, view: WindowView | undefined) {
  const bridge = useBridge();
  const latest = useRef(0);
  const told = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const read = view?.read ?? 0;

  const tell = useCallback(() => {
    if (!attended() || latest.current <= Math.max(told.current, read)) return;
    // Not put off by what comes meanwhile: in a busy conversation it would never be told.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const seq = latest.current;
      if (!attended() || seq <= told.current) return;
      told.current = seq;
      // Refused or lost: the next scroll or answer tells it again.
      bridge.request({ type: "mark_read", conversation, seq }).catch(() => {
        told.current = 0;
      });
    }, GATHER_MS);
  }, [bridge, conversation, read]);

  useEffect(() => {
    window.addEventListener("focus", tell);
    document.addEventListener("visibilitychange", tell);
    return () => {
      window.removeEventListener("focus", tell);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [tell]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  const onSeen = useCallback(
    (seen: Seen) => {
      const seq = seenSeq(seen);
      // Away from the page, what was in sight then does not count as seen.
      latest.current = attended() ? Math.max(latest.current, seq) : seq;
      tell();
    },
    [tell],
  );

  // The divider stays where it was while one reads, and moves to what came while one was away.
  const [divider, setDivider] = useState<{ seq: number | null; settled: boolean }>({ seq: null, settled: false });
  const unread = view?.first_unread ?? null;
  if (view !== undefined && !divider.settled) setDivider({ seq: unread, settled: true });
  const [checked, setChecked] = useState(unread);
  if (view !== undefined && checked !== unread) {
    setChecked(unread);
    const passed = divider.seq === null || view.read >= divider.seq;
    if (unread !== null && passed && !attended()) setDivider({ seq: unread, settled: true });
  }
  return {
    onSeen,
    divider: divider.seq,
    clearDivider: useCallback(() => setDivider({ seq: null, settled: true }), []),
  };
}
