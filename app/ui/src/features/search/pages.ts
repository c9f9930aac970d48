import type { SearchHit } from "../../bridge/generated/SearchHit";
import type { SearchView } from "../../bridge/generated/SearchView";

/** What newer hits have pushed out of the first page since it was last asked for. What has gone from it is not among it. */
export function pushedOff(before: SearchView, now: SearchView): SearchHit[] {
  const last = now.hits.at(-1);
  if (now.next === null || last === undefined) return [];
  const there = new Set(now.hits.map((hit) => hit.message));
  return before.hits.filter((hit) => !there.has(hit.message) && hit.at <= last.at);
}

/** The first page, which is live, and the older ones after it, no message twice. */
export function together(first: readonly SearchHit[], older: readonly SearchHit[]): readonly SearchHit[] {
  if (older.length === 0) return first;
  const all = new Map<string, SearchHit>();
  for (const hit of [...first, ...older]) if (!all.has(hit.message)) all.set(hit.message, hit);
  return [...all.values()];
}
