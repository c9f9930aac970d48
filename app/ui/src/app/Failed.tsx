import type { ReactElement, ReactNode } from "react";
import type { Problem } from "../bridge/generated/Problem";
import type { Native } from "../bridge/native";
import { QuitButton } from "../features/accounts";
import { problemText, text } from "../text";
import { Button, Empty } from "../ui";
import styles from "./Shell.module.css";

function Page({ title, children, action }: { title: string; children: ReactNode; action: ReactNode }): ReactElement {
  return (
    <main className={styles.splash}>
      <Empty icon="alert" alert title={title} action={action}>
        {children}
      </Empty>
    </main>
  );
}

function Reload({ label }: { label: string }): ReactElement {
  return (
    <Button kind="primary" icon="retry" onClick={() => window.location.reload()}>
      {label}
    </Button>
  );
}

/** The page could not start, or broke. */
export function Failed({ words }: { words: string }): ReactElement {
  return (
    <Page title={text.shell.failed} action={<Reload label={text.shell.reload} />}>
      {words}
    </Page>
  );
}

/** The app around the screens could not open its data. It tries that once, so that loading the screens anew does nothing. */
export function AppFailed({ native, problem }: { native: Native; problem: Problem }): ReactElement {
  const inside = problem.code === "internal_client";
  return (
    <Page title={text.shell.failed} action={<QuitButton native={native} kind="primary" />}>
      {/* Its own words: the folder, the lock, the version are what a person needs to know here. */}
      {inside ? problemText(problem) : `${problem.message} ${text.shell.startAgain[problem.code] ?? text.shell.startAgainOtherwise}`}
    </Page>
  );
}

/** A screen of the app broke. The app beside it goes on, so that loading the screens anew helps unless it happens again. */
export function AppBroke({ native }: { native: Native }): ReactElement {
  return (
    <Page
      title={text.shell.broke}
      action={
        <>
          <Reload label={text.shell.reloadApp} />
          <QuitButton native={native} kind="quiet" />
        </>
      }
    >
      {text.shell.brokeText}
    </Page>
  );
}
