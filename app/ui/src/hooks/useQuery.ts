import { useCallback, useState, useSyncExternalStore } from "react";
import { useHeld } from "./bridge";
import type { Query, QueryAnswer, QueryState } from "./queries";

/** A query's state, and how to ask again by hand (what no topic tells: devices). */
export interface Live<T> extends QueryState<T> {
  refresh: () => void;
}

const idle: QueryState<never> = { data: undefined, problem: undefined, loading: false };

/**
 * Asks a query and keeps its answer fresh: asked again on every topic that concerns it, coalesced. `null` asks nothing.
 * With `keep`, the last answer of another request stays until the new one comes (a search while typing).
 */
export function useQuery<R extends Query>(request: R | null, options?: { keep?: boolean }): Live<QueryAnswer<R>> {
  const { queries } = useHeld();
  const key = request === null ? null : JSON.stringify(request);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (key === null) return () => undefined;
      return queries.subscribe(key, JSON.parse(key) as Query, listener);
    },
    [queries, key],
  );
  const read = useCallback(() => (key === null ? idle : queries.read(key)), [queries, key]);
  const state = useSyncExternalStore(subscribe, read) as QueryState<QueryAnswer<R>>;
  const refresh = useCallback(() => {
    if (key !== null) queries.refresh(key);
  }, [queries, key]);

  const [kept, setKept] = useState(state.data);
  if (state.data !== undefined && state.data !== kept) setKept(state.data);
  const data = options?.keep === true && key !== null ? (state.data ?? kept) : state.data;
  return { ...state, data, refresh };
}
