import { useCallback, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { Problem } from "../../../bridge/generated/Problem";
import type { WindowView } from "../../../bridge/generated/WindowView";
import { useQuery } from "../../../hooks/useQuery";
import { bounded, covers, newer, older, question, same, type Shown, type Stretch, stretchOf } from "../model/windowModel";

/** The shown part of a conversation, and how to move it. */
export interface WindowHandle {
  view: WindowView | undefined;
  problem: Problem | undefined;
  /** The view is the answer to what is asked now, not what was kept from before. */
  fresh: boolean;
  /** Adds a page of older or newer ones. */
  older: () => void;
  newer: () => void;
  /** Keeps the stretch from growing without end as new ones come. */
  bound: (atEnd: boolean) => void;
  /** Goes to another place; false if it is in view already. */
  seek: (seq: number) => boolean;
  seekNewest: () => boolean;
  retry: () => void;
}

/** Holds a bounded stretch of a conversation. */
export function useWindow(conversation: ConversationId, start: Shown): WindowHandle {
  const [shown, setShown] = useState(start);
  const query = useQuery({ type: "window", conversation, ...question(shown) }, { keep: true });
  const offline = useQuery({ type: "session" }).data?.connection === "offline";
  const view = query.data;
  const fresh = view !== undefined && !query.loading && query.problem === undefined;
  // A place was asked for; from its answer on, exactly what it covers is.
  if (fresh && shown.type === "seek") setShown({ type: "stretch", stretch: stretchOf(view) });

  const move = useCallback((next: (from: Shown) => Shown) => {
    setShown((from) => {
      const to = next(from);
      return same(from, to) ? from : to;
    });
  }, []);
  const step = useCallback(
    (how: (stretch: Stretch, view: WindowView) => Stretch) => {
      if (!fresh) return;
      move((from) => (from.type === "stretch" ? { type: "stretch", stretch: how(from.stretch, view) } : from));
    },
    [fresh, move, view],
  );
  return {
    view,
    problem: query.problem,
    fresh,
    older: useCallback(() => step((stretch, now) => older(stretch, now, offline)), [offline, step]),
    newer: useCallback(() => step((stretch, now) => newer(stretch, now, offline)), [offline, step]),
    bound: useCallback((atEnd) => step((stretch, now) => bounded(stretch, now, atEnd)), [step]),
    seek: useCallback(
      (seq) => {
        if (view !== undefined && covers(view, seq)) return false;
        move(() => ({ type: "seek", at: { type: "around", seq } }));
        return true;
      },
      [move, view],
    ),
    seekNewest: useCallback(() => {
      if (view?.at_end === true) return false;
      move(() => ({ type: "seek", at: { type: "newest" } }));
      return true;
    }, [move, view]),
    retry: query.refresh,
  };
}
