import type { ReactElement, ReactNode } from "react";
import styles from "./Empty.module.css";
import { Icon, type IconName } from "./Icon";

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  testId?: string;
  /** It is a problem and is said aloud. */
  alert?: boolean;
}

/** What a pane shows when there is nothing to show, or when it could not be had. */
export function Empty({ icon, title, children, action, testId, alert }: EmptyProps): ReactElement {
  return (
    <div className={styles.empty} data-testid={testId} role={alert === true ? "alert" : undefined}>
      <span className={styles.icon}>
        <Icon name={icon} size={26} />
      </span>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <p className={styles.text}>{children}</p>}
      {action}
    </div>
  );
}

/** Lines where rows will be. */
export function SkeletonRows({ count = 8, label }: { count?: number; label: string }): ReactElement {
  return (
    <div role="status" aria-label={label} className={styles.skeletons}>
      {Array.from({ length: count }, (_, place) => (
        <div key={place} className={styles.skeleton}>
          <span className={styles.face} />
          <span className={styles.lines} />
        </div>
      ))}
    </div>
  );
}

/** A problem within a form or a pane. */
export function Notice({ kind = "danger", children, action, testId }: { kind?: "danger" | "warn" | "info"; children: ReactNode; action?: ReactNode; testId?: string }): ReactElement {
  return (
    <div className={styles.notice} data-kind={kind} role={kind === "danger" ? "alert" : "note"} data-testid={testId}>
      <Icon name={kind === "info" ? "info" : "alert"} size={18} />
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Words for screen readers only. */
export function Hidden({ children }: { children: ReactNode }): ReactElement {
  return <span className={styles.hidden}>{children}</span>;
}
