/** For how long to mute. */
import type { Notify } from "../../bridge/generated/Notify";

const HOUR_MS = 60 * 60 * 1000;

/** The latest time that a date can have (ECMA-262, section 21.4.1.1): until further notice. */
export const FOREVER_MS = 8_640_000_000_000_000;

/** The choices, the shortest first. */
export const spans = ["hour", "evening", "week", "forever"] as const;
export type Span = (typeof spans)[number];

const lengths: Record<Exclude<Span, "forever">, number> = { hour: HOUR_MS, evening: 8 * HOUR_MS, week: 7 * 24 * HOUR_MS };

/** Muted from `now` on (milliseconds since 1970-01-01 UTC); the level stays. */
export function muted(notify: Notify, span: Span, now: number): Notify {
  return { level: notify.level, muted_until: span === "forever" ? FOREVER_MS : now + lengths[span] };
}

/** Not muted; the level stays. */
export function unmuted(notify: Notify): Notify {
  return { level: notify.level, muted_until: 0 };
}
