import { type MouseEvent, type PointerEvent, useEffect, useRef } from "react";
import type { At } from "../parts/context";

const PRESS_MS = 450;
const SLIP = 10;

interface LongPress {
  onContextMenu: (event: MouseEvent) => void;
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerEnd: () => void;
}

/**
 * Opens by right click, by the menu key, and by a long press of a finger (which not every browser tells as
 * `contextmenu`). `open` says whether there was something to open.
 */
export function useLongPress(open: (target: HTMLElement, at: At) => boolean): LongPress {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const start = useRef<At>({ x: 0, y: 0 });
  useEffect(() => () => clearTimeout(timer.current), []);
  const end = () => clearTimeout(timer.current);
  return {
    onContextMenu: (event) => {
      end();
      const target = event.target as HTMLElement;
      // The browser's own menu knows more about links and chosen text.
      if (target.closest("a") || (window.getSelection()?.toString() ?? "") !== "") return;
      if (open(target, { x: event.clientX, y: event.clientY })) event.preventDefault();
    },
    onPointerDown: (event) => {
      end();
      if (event.pointerType === "mouse" || !event.isPrimary) return;
      const target = event.target as HTMLElement;
      if (target.closest("a, button")) return;
      start.current = { x: event.clientX, y: event.clientY };
      timer.current = setTimeout(() => open(target, start.current), PRESS_MS);
    },
    onPointerMove: (event) => {
      if (Math.hypot(event.clientX - start.current.x, event.clientY - start.current.y) > SLIP) end();
    },
    onPointerEnd: end,
  };
}
