import type { ReactElement } from "react";
import { text } from "../text";
import styles from "./Shell.module.css";

/** Before anything is known. It shows itself only if that takes a moment. */
export function Splash(): ReactElement {
  return (
    <div className={styles.splash} role="status" aria-label={text.shell.starting}>
      <img src="/icon.svg" alt="" width="64" height="64" />
    </div>
  );
}
