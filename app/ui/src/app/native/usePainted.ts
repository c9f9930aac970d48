import { useEffect } from "react";
import type { Native } from "../../bridge/native";
import { useQuery } from "../../hooks/useQuery";

const told = new WeakSet<Native>();

/** Tells the app once that its first list is on the screen and can be clicked. */
export function usePainted(native: Native): void {
  const there = useQuery({ type: "conversations", hidden: true }).data !== undefined;
  useEffect(() => {
    if (!there || told.has(native)) return;
    told.add(native);
    // The first frame holds it; when the second begins, the first has been shown.
    requestAnimationFrame(() => requestAnimationFrame(() => void native.request({ type: "painted" }).catch(() => undefined)));
  }, [there, native]);
}
