import type { ReactElement } from "react";
import styles from "./Spinner.module.css";

/** Something is on its way. Silent: whoever shows it says so in words. */
export function Spinner({ size = 16 }: { size?: number }): ReactElement {
  return (
    <svg className={styles.spinner} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.500" />
      <path d="M8 1.500a6.500 6.500 0 0 1 6.500 6.500" />
    </svg>
  );
}
