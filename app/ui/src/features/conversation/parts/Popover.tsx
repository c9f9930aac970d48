import { type ReactElement, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { cx } from "../../../ui";
import type { At } from "./context";
import styles from "./Popover.module.css";

interface PopoverProps {
  at: At;
  label: string;
  role: "menu" | "dialog";
  onClose: () => void;
  className?: string | undefined;
  testId: string;
  children: ReactNode;
}

const EDGE = 8;

/**
 * A box above everything, on the native popover: a press beside it and Escape close it. It opens at a point and moves
 * so far that it fits. The focus goes to its first control and back to where it came from.
 */
export function Popover({ at, label, role, onClose, className, testId, children }: PopoverProps): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    const before = document.activeElement;
    // Old browsers and test environments have no popovers; there it is a box with a fixed place.
    if ("showPopover" in box) box.showPopover();
    const { innerWidth, innerHeight } = window;
    // Not the bounding box: that one is still small while the box appears.
    const { offsetWidth: width, offsetHeight: height } = box;
    const left = Math.max(EDGE, Math.min(at.x, innerWidth - width - EDGE));
    const under = at.y + height + EDGE <= innerHeight;
    box.style.left = `${left}px`;
    box.style.top = `${under ? at.y : Math.max(EDGE, Math.min(at.y - height - EDGE, innerHeight - height - EDGE))}px`;
    box.querySelector<HTMLElement>("[data-autofocus], button, input")?.focus({ preventScroll: true });
    // Not left to popover="manual": it would close at the end of the very press that opened it.
    const onPress = (event: Event) => {
      if (!(event.target instanceof Node && box.contains(event.target))) close.current();
    };
    const onAway = () => close.current();
    document.addEventListener("pointerdown", onPress, true);
    window.addEventListener("resize", onAway);
    return () => {
      document.removeEventListener("pointerdown", onPress, true);
      window.removeEventListener("resize", onAway);
      const inside = box.contains(document.activeElement) || document.activeElement === document.body;
      if (inside && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [at.x, at.y]);
  return (
    <div
      ref={ref}
      popover="manual"
      className={cx(styles.popover, className)}
      role={role}
      aria-label={label}
      data-testid={testId}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== "Escape" && event.key !== "Tab") return;
        if (event.key === "Tab" && role === "dialog") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      {children}
    </div>
  );
}
