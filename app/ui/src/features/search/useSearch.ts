import { useEffect, useRef, useState } from "react";
import type { Problem } from "../../bridge/generated/Problem";
import type { SearchHit } from "../../bridge/generated/SearchHit";
import type { SearchView } from "../../bridge/generated/SearchView";
import { useBridge } from "../../hooks/bridge";
import { asProblem } from "../../hooks/queries";
import { useDebounced } from "../../hooks/useDebounced";
import { useQuery } from "../../hooks/useQuery";
import { pushedOff, together } from "./pages";

const PAGE = 30;
const ASK_AFTER_MS = 120;

/** What a search has found so far. */
export interface Found {
  hits: readonly SearchHit[];
  next: string | null;
  notSearched: number;
  /** The shown hits are of an earlier text, or none have come yet. */
  busy: boolean;
  problem: Problem | undefined;
  more: () => void;
}

interface Older {
  key: string;
  /** The first page that they follow. */
  first: SearchView;
  hits: readonly SearchHit[];
  next: string | null;
}

/** The first page is a live query; older pages are asked for one by one and go when the text changes. */
export function useSearch(query: string): Found {
  const bridge = useBridge();
  const settled = useDebounced(query.trim(), ASK_AFTER_MS);
  const first = { type: "search" as const, text: settled, limit: PAGE };
  const key = JSON.stringify(first);
  const { data, problem, loading } = useQuery(settled === "" ? null : first, { keep: true });
  const [older, setOlder] = useState<Older | null>(null);
  const [failed, setFailed] = useState<Problem>();
  const [paging, setPaging] = useState(false);
  const current = useRef(key);
  useEffect(() => {
    current.current = key;
  }, [key]);

  const pages = older?.key === key ? older : null;
  if (pages !== null && data !== undefined && data !== pages.first) {
    setOlder({ ...pages, first: data, hits: [...pushedOff(pages.first, data), ...pages.hits] });
  }
  const next = pages === null ? (data?.next ?? null) : pages.next;
  const hits = settled === "" ? [] : together(data?.hits ?? [], pages?.hits ?? []);
  const more = () => {
    if (next === null || paging || data === undefined) return;
    setPaging(true);
    setFailed(undefined);
    bridge
      .request({ ...first, next })
      .then(
        (page) => {
          if (current.current !== key) return;
          setOlder((before) =>
            before?.key === key
              ? { ...before, hits: [...before.hits, ...page.hits], next: page.next }
              : { key, first: data, hits: page.hits, next: page.next },
          );
        },
        (error: unknown) => setFailed(asProblem(error)),
      )
      .finally(() => setPaging(false));
  };
  return {
    hits,
    next,
    notSearched: settled === "" ? 0 : (data?.not_searched ?? 0),
    busy: query.trim() !== "" && (settled !== query.trim() || loading || paging),
    problem: problem ?? failed,
    more,
  };
}
