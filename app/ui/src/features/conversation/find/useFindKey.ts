import { useEffect } from "react";

/**
 * Ctrl or Cmd+F searches the conversation: the page holds only a part of its messages, so the browser's own search
 * would miss most. Pressed once more it is the browser's.
 */
export function useFindKey(searching: boolean, onSearching: (on: boolean) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (searching || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (event.key.toLowerCase() !== "f" || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      onSearching(true);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [searching, onSearching]);
}
