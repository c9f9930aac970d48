import { useEffect, useRef } from "react";
import type { ShellView } from "../../bridge/generated/native/ShellView";
import type { Native } from "../../bridge/native";
import { nextZoom } from "../../features/accounts";
import { go } from "../route";

/**
 * Keys of the app: Ctrl or Cmd with 1 to 9 chooses an account, with plus, minus and 0 the size of everything, with the
 * comma the settings, with Q the end. What a native menu was asked for comes the same way.
 */
export function useNativeKeys(native: Native, view: ShellView, onSelect: (account: number) => void, onAdd: () => void): void {
  const latest = useRef({ view, onSelect, onAdd });
  /** The zoom that was asked for last, until the view has it: the next press may come before, and so may older views. */
  const asked = useRef<number | null>(null);
  useEffect(() => {
    latest.current = { view, onSelect, onAdd };
    if (asked.current === view.settings.zoom) asked.current = null;
  });
  useEffect(() => {
    const zoom = (next: (now: number) => number) => {
      const now = asked.current ?? latest.current.view.settings.zoom;
      const to = next(now);
      if (to === now) return;
      asked.current = to;
      native.request({ type: "set", settings: { zoom: to } }).catch(() => (asked.current = null));
    };
    const larger = () => zoom((now) => nextZoom(now, 1));
    const keys: Record<string, () => void> = {
      "+": larger,
      "=": larger,
      "-": () => zoom((now) => nextZoom(now, -1)),
      "0": () => zoom(() => 1),
      ",": () => go({ page: "settings" }),
      q: () => void native.request({ type: "quit" }).catch(() => undefined),
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const account = /^[1-9]$/.test(event.key) ? latest.current.view.accounts[Number(event.key) - 1] : undefined;
      const act = account === undefined ? keys[event.key.toLowerCase()] : () => latest.current.onSelect(account.account);
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    const stop = native.subscribe((event) => {
      if (event.type !== "menu") return;
      if (event.item === "settings") go({ page: "settings" });
      else latest.current.onAdd();
    });
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      stop();
    };
  }, [native]);
}
