/** The rules of being told of messages, as the Rust types state them. */
import type { Notify } from "./generated/Notify";

/** The latest time that a date can have (ECMA-262, section 21.4.1.1): muted until further notice. */
export const FOREVER_MS = 8_640_000_000_000_000;

/** Muted until further notice; the level stays. */
export function muted(notify: Notify): Notify {
  return { level: notify.level, muted_until: FOREVER_MS };
}

/** Told again of what the level says, and of everything if that was nothing. */
export function unmuted(notify: Notify): Notify {
  return { level: notify.level === "nothing" ? "all" : notify.level, muted_until: 0 };
}
