import { useEffect, useRef } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import { keysOf } from "../hooks/keys";
import { useQuery } from "../hooks/useQuery";

/** How the switcher's keys are written here. */
export function switcherKeys(): string {
  return keysOf("K");
}

interface Keys {
  current: ConversationId | null;
  onSwitcher: () => void;
  onOpen: (conversation: ConversationId) => void;
  /** Closes what lies beside the conversation, if something does. */
  onEscape: (() => void) | null;
}

/**
 * Keys that work everywhere: Ctrl or Cmd+K goes somewhere, Alt+Up and Alt+Down to the neighbours in the list, Escape
 * closes the details unless something nearer took it.
 */
export function useKeys(keys: Keys): void {
  const list = useQuery({ type: "conversations", hidden: false });
  const latest = useRef({ ...keys, rows: list.data?.rows });
  useEffect(() => {
    latest.current = { ...keys, rows: list.data?.rows };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { current, rows, onSwitcher, onOpen, onEscape } = latest.current;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        onSwitcher();
        return;
      }
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && onEscape !== null) {
        event.preventDefault();
        onEscape();
        return;
      }
      if (!event.altKey || event.ctrlKey || event.metaKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      if (rows === undefined) return;
      const at = rows.findIndex((row) => row.id === current);
      const next = rows[event.key === "ArrowDown" ? at + 1 : Math.max(0, at - 1)];
      if (next === undefined || next.id === current) return;
      event.preventDefault();
      onOpen(next.id);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
