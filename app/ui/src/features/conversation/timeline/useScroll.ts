import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { Row } from "../model/grouping";
import { keepPlace } from "../model/place";
import { aheadOf, type Goal, ScrollKeeper, type Seen } from "./scrollKeeper";
import type { WindowHandle } from "./useWindow";

/** The elements of the list. */
export interface ListRefs {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  top: RefObject<HTMLDivElement | null>;
  bottom: RefObject<HTMLDivElement | null>;
}

/** What the list shows and how to move it. */
export interface Scroll {
  atBottom: boolean;
  /** When the topmost message in sight was written, for the floating day. */
  topAt: number | null;
  onScroll: () => void;
  onRelease: () => void;
  aim: (goal: Goal) => void;
  toNewest: () => void;
}

/** How long the reader must rest in a place that is not held before it is fetched, in milliseconds. */
const REST_MS = 120;
/** Where a message that is gone to is put after a reload on the way, in pixels from the upper edge. */
const MIDDLE = 200;
/** So much at the top belongs to the floating day, in pixels. */
const DAY_ROOM = 48;

const calmly = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Wires the scroll keeper to the window: loads at the edges, remembers the place, tells what is seen. */
export function useScroll(
  { scroller, content, top, bottom }: ListRefs,
  conversation: ConversationId,
  window: WindowHandle,
  rows: readonly Row[],
  first: Goal,
  onSeen: (seen: Seen) => void,
): Scroll {
  const keeper = useRef<ScrollKeeper | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const start = useRef(first);
  const [atBottom, setAtBottom] = useState(true);
  const [topAt, setTopAt] = useState<number | null>(null);
  const { view } = window;

  const onScroll = useCallback(() => {
    if (!keeper.current || !view) return;
    const seen = keeper.current.capture();
    setAtBottom(seen.atBottom || (view.at_end && seen.below < seen.height / 3));
    const message = seen.rows.find((row) => row.dataset["at"] !== undefined);
    // Where a day's own line is in sight at the top, it needs no second one above it.
    const dayInSight = seen.rows.some((row) => row.dataset["day"] !== undefined && row.offsetTop - seen.top < DAY_ROOM);
    setTopAt(message && !dayInSight ? Number(message.dataset["at"]) : null);
    onSeen(seen);
    const seq = message?.dataset["seq"];
    // On the way somewhere, that is the place: a reload in between leads there and not back.
    if (seen.goal === null) {
      keepPlace(
        conversation,
        !seen.atBottom && message !== undefined && seq !== undefined
          ? { type: "message", seq: Number(seq), offset: message.offsetTop - seen.top }
          : { type: "end" },
      );
    }
    const ahead = aheadOf(seen.height);
    clearTimeout(rest.current);
    const lost = keeper.current.lost();
    if (lost) {
      const middle =
        lost.side === "before"
          ? Math.round(lost.share * view.from_seq)
          : Math.round(view.to_seq + lost.share * (view.last_seq - view.to_seq));
      rest.current = setTimeout(() => {
        const target = Math.min(Math.max(1, middle), view.last_seq);
        if (window.seek(target)) keeper.current?.aim({ type: "seq", seq: target });
      }, REST_MS);
    } else if (seen.above < ahead && !view.at_start && (seen.up || seen.above < seen.height)) window.older();
    else if (seen.below < ahead && !view.at_end) window.newer();
  }, [conversation, onSeen, view, window]);

  useLayoutEffect(() => {
    if (!scroller.current || !content.current || !top.current || !bottom.current || !view) return;
    if (!keeper.current) {
      keeper.current = new ScrollKeeper(scroller.current, content.current, top.current, bottom.current, calmly);
      keeper.current.begin(start.current);
    }
    keeper.current.layout({
      atStart: view.at_start,
      atEnd: view.at_end,
      before: Math.max(0, view.from_seq - 1),
      after: Math.max(0, view.last_seq - view.to_seq),
    });
  }, [rows, view, scroller, content, top, bottom]);

  // After each answer: is there enough around the reader, and not too much?
  useEffect(() => {
    if (!window.fresh) return;
    onScroll();
    window.bound(keeper.current?.stick ?? true);
  }, [onScroll, window]);

  useEffect(() => {
    if (!scroller.current || !content.current) return;
    const observer = new ResizeObserver(() => keeper.current?.settle());
    observer.observe(scroller.current);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [scroller, content]);
  useEffect(() => () => clearTimeout(rest.current), []);

  const aim = useCallback(
    (goal: Goal) => {
      if (goal.type === "seq") {
        keepPlace(conversation, { type: "message", seq: goal.seq, offset: goal.offset ?? MIDDLE });
        window.seek(goal.seq);
      } else if (goal.type === "end") window.seekNewest();
      keeper.current?.aim(goal);
    },
    [conversation, window],
  );
  return {
    atBottom,
    topAt,
    onScroll,
    onRelease: useCallback(() => keeper.current?.release(), []),
    aim,
    toNewest: useCallback(() => aim({ type: "end" }), [aim]),
  };
}
