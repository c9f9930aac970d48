import { useCallback, useEffect, useRef } from "react";

/**
 * Changes something that is shown step by step, each step from what was asked for last: the next press may come before
 * the view that has the last one, and so may older views. `change` asks for what `next` makes of it, and rejects as `ask`
 * does; what is shown counts again then, and also once it is another than it was after the answer.
 */
export function useAsked<T>(shown: T, ask: (to: T) => Promise<unknown>): (next: (now: T) => T) => Promise<void> {
  const latest = useRef({ shown, ask });
  const asked = useRef<{ to: T; answered: boolean } | null>(null);
  useEffect(() => {
    latest.current = { shown, ask };
  });
  useEffect(() => {
    if (asked.current?.answered === true) asked.current = null;
  }, [shown]);
  return useCallback(async (next) => {
    const now = asked.current === null ? latest.current.shown : asked.current.to;
    const to = next(now);
    if (Object.is(to, now)) return;
    const mine = { to, answered: false };
    asked.current = mine;
    try {
      await latest.current.ask(to);
      mine.answered = true;
    } catch (error) {
      if (asked.current === mine) asked.current = null;
      throw error;
    }
  }, []);
}
