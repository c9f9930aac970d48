/**
 * Which part of a conversation is held on the screen. Pure: states in, states out.
 *
 * The list keeps a bounded stretch of seqs. It grows by a page where the reader comes near its edge, and lets the far
 * end go when it has grown too long. `to` is null while the stretch reaches the end and so takes new messages in.
 */
import type { WindowAt } from "../../../bridge/generated/WindowAt";
import type { WindowItem } from "../../../bridge/generated/WindowItem";
import type { WindowView } from "../../../bridge/generated/WindowView";

/** How many seqs a step towards older or newer ones adds. */
export const PAGE = 40;
/** How many are asked for at first: what fills a usual window, and something to scroll to. Each one is drawn before any is seen. */
export const FIRST = 32;
/** How many seqs are held at most. */
export const MOST = 200;
/** Asked for with every window: the bridge's own bound. */
export const LIMIT = 500;

/** A stretch of seqs, both ends included. */
export interface Stretch {
  from: number;
  to: number | null;
}

/** What the list shows: first a place is asked for, and with its answer it becomes a stretch. */
export type Shown = { type: "seek"; at: WindowAt } | { type: "stretch"; stretch: Stretch };

/** What to ask the bridge for. */
export function question(shown: Shown): { at: WindowAt; limit: number } {
  if (shown.type === "seek") return { at: shown.at, limit: FIRST };
  const { from, to } = shown.stretch;
  return {
    at: to === null ? { type: "range", from_seq: from } : { type: "range", from_seq: from, to_seq: to },
    limit: LIMIT,
  };
}

/** The stretch that an answer covers. */
export function stretchOf(view: WindowView): Stretch {
  return { from: Math.max(1, view.from_seq), to: view.at_end ? null : view.to_seq };
}

/** What is not held lies there. */
function isHole(item: WindowItem | undefined): boolean {
  return item?.type === "hole";
}

/**
 * The stretch with a page of older ones; the same one if there are none. It waits at a hole that can be fetched: one
 * that grows is no higher on the screen, so there would never seem to be enough above, and what is read would be let
 * go for it.
 */
export function older(stretch: Stretch, view: WindowView, offline = false): Stretch {
  if (view.at_start || stretch.from <= 1 || (!offline && isHole(view.items[0]))) return stretch;
  const from = Math.max(1, stretch.from - PAGE);
  const end = stretch.to ?? view.last_seq;
  const to = end - from + 1 > MOST ? from + MOST - 1 : stretch.to;
  return { from, to };
}

/** The stretch with a page of newer ones; the same one if it reaches the end, or a hole that can be fetched. */
export function newer(stretch: Stretch, view: WindowView, offline = false): Stretch {
  if (stretch.to === null || (!offline && isHole(view.items.at(-1)))) return stretch;
  const end = stretch.to + PAGE;
  const to = end >= view.last_seq ? null : end;
  const last = to ?? view.last_seq;
  return { from: Math.max(stretch.from, last - MOST + 1, 1), to };
}

/**
 * The stretch as new ones come. Who reads at the end lets the old go, who reads further up lets the new wait; only in
 * large steps, so that the list is not cut at every message.
 */
export function bounded(stretch: Stretch, view: WindowView, atEnd: boolean): Stretch {
  if (stretch.to !== null || view.last_seq - stretch.from < MOST + PAGE) return stretch;
  if (atEnd) return { from: view.last_seq - MOST + 1, to: null };
  return { from: stretch.from, to: stretch.from + MOST + PAGE - 1 };
}

/** A seq lies within what an answer covers. */
export function covers(view: WindowView, seq: number): boolean {
  return seq >= view.from_seq && (view.at_end || seq <= view.to_seq);
}

/** Where a reader was in a conversation: at the end, or at a message with so many pixels of it above the edge. */
export type Place = { type: "end" } | { type: "message"; seq: number; offset: number };

/** Where to open a conversation: at the remembered message, otherwise at what is unread. */
export function opening(place: Place | undefined, jump: number | undefined): Shown {
  if (jump !== undefined) return { type: "seek", at: { type: "around", seq: jump } };
  if (place?.type === "message") return { type: "seek", at: { type: "around", seq: place.seq } };
  return { type: "seek", at: { type: "unread" } };
}

/** Two states ask for the same. */
export function same(one: Shown, other: Shown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
