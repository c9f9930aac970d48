import { useEffect, useRef } from "react";
import type { ShellView } from "../../bridge/generated/native/ShellView";
import type { Native } from "../../bridge/native";
import { nextZoom } from "../../features/accounts";
import { go } from "../route";

interface Does {
  select: (account: number) => void;
  add: () => void;
  zoom: (next: (now: number) => number) => void;
  quit: () => void;
}

/**
 * Keys of the app: Ctrl or Cmd with 1 to 9 chooses an account, with Shift and N adds one, with plus, minus and 0 changes
 * the size of everything, with the comma opens the settings, with Q ends it. What a native menu was asked for comes the
 * same way; where there is none (`src-tauri/src/menu.rs`), these are all.
 */
export function useNativeKeys(native: Native, view: ShellView, does: Does): void {
  const latest = useRef({ view, does });
  useEffect(() => {
    latest.current = { view, does };
  });
  useEffect(() => {
    const larger = () => latest.current.does.zoom((now) => nextZoom(now, 1));
    const keys: Record<string, () => void> = {
      "+": larger,
      "=": larger,
      "-": () => latest.current.does.zoom((now) => nextZoom(now, -1)),
      "0": () => latest.current.does.zoom(() => 1),
      ",": () => go({ page: "settings" }),
      q: () => latest.current.does.quit(),
    };
    const shifted: Record<string, () => void> = { n: () => latest.current.does.add() };
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const account = /^[1-9]$/.test(event.key) ? latest.current.view.accounts[Number(event.key) - 1] : undefined;
      const key = event.key.toLowerCase();
      const act = account === undefined ? (keys[key] ?? (event.shiftKey ? shifted[key] : undefined)) : () => latest.current.does.select(account.account);
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    const stop = native.subscribe((event) => {
      if (event.type !== "menu") return;
      if (event.item === "settings") go({ page: "settings" });
      else latest.current.does.add();
    });
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      stop();
    };
  }, [native]);
}
