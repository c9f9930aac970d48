/**
 * Where the reader was in each conversation, for as long as the tab lives (a reload included).
 * It decorates: without storage everything works, and one starts at what is unread.
 */
import type { Place } from "./windowModel";

const KEY = "confab.places";
const MOST = 200;
const WRITE_MS = 500;
let pending: ReturnType<typeof setTimeout> | undefined;
let places: Map<string, Place> | null = null;

function all(): Map<string, Place> {
  if (places) return places;
  places = new Map();
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    if (Array.isArray(kept)) places = new Map(kept as [string, Place][]);
  } catch {
    // No storage here, or something else wrote it.
  }
  return places;
}

/** Where one was. */
export function placeIn(conversation: string): Place | undefined {
  return all().get(conversation);
}

/** Remembers where one is. */
export function keepPlace(conversation: string, place: Place): void {
  const map = all();
  map.delete(conversation);
  map.set(conversation, place);
  for (const oldest of map.keys()) {
    if (map.size <= MOST) break;
    map.delete(oldest);
  }
  // One scrolls often; writing each time would be felt.
  pending ??= setTimeout(write, WRITE_MS);
}

function write(): void {
  clearTimeout(pending);
  pending = undefined;
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...all()]));
  } catch {
    // Full or refused: then it lasts until the reload.
  }
}

window.addEventListener("pagehide", () => {
  if (pending !== undefined) write();
});

/** Forgets all of it (another person signs in on this tab). */
export function forgetPlaces(): void {
  places = new Map();
  clearTimeout(pending);
  pending = undefined;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
