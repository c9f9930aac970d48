import type { KeyboardEvent, ReactElement, ReactNode } from "react";
import { cx, Icon, type IconName } from "../../../ui";
import type { At } from "./context";
import styles from "./Menu.module.css";
import { Popover } from "./Popover";

/** An entry of a menu. */
export interface MenuEntry {
  icon: IconName;
  label: string;
  danger?: boolean;
  testId?: string;
  run: () => void;
}

interface MenuProps {
  at: At;
  label: string;
  entries: readonly MenuEntry[];
  /** Stands above the entries: its buttons are reached by the same arrow keys. */
  head?: ReactNode;
  onClose: () => void;
  testId: string;
}

/** Moves the focus among the buttons within. */
export function arrows(event: KeyboardEvent<HTMLElement>): void {
  const forward = event.key === "ArrowDown" || event.key === "ArrowRight";
  const back = event.key === "ArrowUp" || event.key === "ArrowLeft";
  if (!forward && !back && event.key !== "Home" && event.key !== "End") return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("button:not(:disabled)")];
  const now = buttons.indexOf(document.activeElement as HTMLElement);
  const next =
    event.key === "Home"
      ? 0
      : event.key === "End"
        ? buttons.length - 1
        : (now + (forward ? 1 : -1) + buttons.length) % buttons.length;
  event.preventDefault();
  buttons[next]?.focus();
}

/** A menu at a point. */
export function Menu({ at, label, entries, head, onClose, testId }: MenuProps): ReactElement {
  return (
    <Popover at={at} label={label} role="menu" onClose={onClose} testId={testId}>
      <div className={styles.menu} onKeyDown={arrows}>
        {head}
        {entries.map((entry, index) => (
          <button
            key={entry.label}
            type="button"
            role="menuitem"
            className={cx(styles.entry, entry.danger && styles.danger)}
            data-autofocus={index === 0 || undefined}
            data-testid={entry.testId}
            onClick={() => {
              onClose();
              entry.run();
            }}
          >
            <Icon name={entry.icon} size={18} />
            {entry.label}
          </button>
        ))}
      </div>
    </Popover>
  );
}
