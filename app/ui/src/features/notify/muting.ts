/** For how long to mute. */
import type { Notify } from "../../bridge/generated/Notify";
import { muted } from "../../bridge/notify";

const HOUR_MS = 60 * 60 * 1000;

/** The choices, the shortest first. */
export const spans = ["hour", "evening", "week", "forever"] as const;
export type Span = (typeof spans)[number];

const lengths: Record<Exclude<Span, "forever">, number> = { hour: HOUR_MS, evening: 8 * HOUR_MS, week: 7 * 24 * HOUR_MS };

/** Muted from `now` on (milliseconds since 1970-01-01 UTC); the level stays. */
export function mutedFor(notify: Notify, span: Span, now: number): Notify {
  return span === "forever" ? muted(notify) : { level: notify.level, muted_until: now + lengths[span] };
}
