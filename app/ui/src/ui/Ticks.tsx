import type { ReactElement } from "react";
import styles from "./Ticks.module.css";
import { Icon } from "./Icon";

/** How far an own message has come. */
export type TickState = "pending" | "failed" | "sent" | "delivered" | "read";

/** A clock, a warning, one tick, two ticks, or two coloured ones. `label` says it in words. */
export function Ticks({ state, label, testId }: { state: TickState; label: string; testId?: string }): ReactElement {
  return (
    <span className={styles.ticks} data-state={state} role="img" aria-label={label} title={label} data-testid={testId}>
      {state === "pending" && <Icon name="clock" size={14} />}
      {state === "failed" && <Icon name="alert" size={15} />}
      {(state === "sent" || state === "delivered" || state === "read") && (
        <svg width="18" height="14" viewBox="0 0 18 14" aria-hidden="true">
          <path d={state === "sent" ? "M4 7.500l3 3 6.500-7" : "M1.500 7.500l3 3L11 3.500M7.800 9.700l.8.8L15.500 3.500"} />
        </svg>
      )}
    </span>
  );
}
