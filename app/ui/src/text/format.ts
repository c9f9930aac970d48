/** Dates, numbers and plurals in the reader's locale. Formatters are made once, and when first needed: making them is the slow part. */
import { lazily } from "./lazily";

const locale = usable(globalThis.navigator.language);
const numbers = lazily(() => new Intl.NumberFormat(locale));
const plurals = lazily(() => new Intl.PluralRules("en"));
const clock = lazily(() => new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }));
const exactClock = lazily(() => new Intl.DateTimeFormat(locale, { timeStyle: "medium" }));
const weekday = lazily(() => new Intl.DateTimeFormat(locale, { weekday: "short" }));
const longWeekday = lazily(() => new Intl.DateTimeFormat(locale, { weekday: "long" }));
const dayMonth = lazily(() => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }));
const longDayMonth = lazily(() => new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" }));
const shortDate = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "short" }));
const longDate = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "long" }));
const full = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" }));
const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const names = lazily(() => new Intl.ListFormat("en", { type: "conjunction" }));

/** A webview may hand on the system's locale as it is ("C", "de_AT"), which is no language tag. */
export function usable(language: string): string {
  try {
    return Intl.getCanonicalLocales(language.replaceAll("_", "-"))[0] ?? "en";
  } catch {
    return "en";
  }
}

const DAY_MS = 86_400_000;

/** A number. */
export function formatNumber(value: number): string {
  return numbers().format(value);
}

/** Picks the form for a count and puts the number in place of `#`. */
export function plural(count: number, one: string, other: string): string {
  return (plurals().select(count) === "one" ? one : other).replace("#", numbers().format(count));
}

/** "Ada, Bo and Cy". */
export function formatNames(list: readonly string[]): string {
  return names().format(list);
}

/** How many midnights lie between two moments, by the local calendar. */
export function daysBetween(earlier: number, later: number): number {
  const start = (at: number): number => {
    const date = new Date(at);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((start(later) - start(earlier)) / DAY_MS);
}

/** 14:05 */
export function formatTime(at: number): string {
  return clock().format(at);
}

/** 14:05:09 */
export function formatTimeExactly(at: number): string {
  return exactClock().format(at);
}

/** For a list: the time today, the weekday this week, the date before. */
export function formatWhen(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return clock().format(at);
  if (days < 7) return weekday().format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayMonth().format(at) : shortDate().format(at);
}

/** For a day separator: today, yesterday, the weekday, or the date. */
export function formatDay(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0 || days === 1) return capital(relative().format(-days, "day"));
  if (days > 1 && days < 7) return longWeekday().format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? longDayMonth().format(at) : longDate().format(at);
}

/** The whole date and time, for a tooltip. */
export function formatFull(at: number): string {
  return full().format(at);
}

/** "5 minutes ago", "yesterday". */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  if (seconds < 60) return relative().format(0, "second");
  if (seconds < 3600) return relative().format(-Math.floor(seconds / 60), "minute");
  const days = daysBetween(at, now);
  if (days === 0) return relative().format(-Math.floor(seconds / 3600), "hour");
  return days < 30 ? relative().format(-days, "day") : longDate().format(at);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
