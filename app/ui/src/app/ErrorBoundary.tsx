import { Component, type ReactNode } from "react";
import { text } from "../text";
import { Button, Empty } from "../ui";
import styles from "./Shell.module.css";

/** A screen that broke says so and offers to reload; the engine in its worker goes on meanwhile. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return <Failed words={text.common.problems["internal_client"] ?? ""} />;
  }
}

/** The app could not start, or broke. */
export function Failed({ words }: { words: string }): ReactNode {
  return (
    <main className={styles.splash}>
      <Empty
        icon="alert"
        alert
        title={text.shell.failed}
        action={
          <Button kind="primary" icon="retry" onClick={() => window.location.reload()}>
            {text.shell.reload}
          </Button>
        }
      >
        {words}
      </Empty>
    </main>
  );
}
