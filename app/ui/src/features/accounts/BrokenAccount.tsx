import type { ReactElement } from "react";
import type { Problem } from "../../bridge/generated/Problem";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Empty } from "../../ui";
import styles from "./Accounts.module.css";

/** An account whose data could not be opened. Its words are the cause itself: nothing else helps here. */
export function BrokenAccount({ problem }: { problem: Problem }): ReactElement {
  return (
    <main className={styles.screen} data-testid={testIds.accountBroken}>
      <Empty icon="alert" alert title={text.accounts.broken.title}>
        {problem.message} {text.accounts.broken.text}
      </Empty>
    </main>
  );
}
