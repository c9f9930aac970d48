import type { ReactElement, ReactNode } from "react";
import styles from "./Entrance.module.css";

/** A page of its own before there is a conversation to see. */
export function EntrancePage({ testId, children }: { testId: string; children: ReactNode }): ReactElement {
  return (
    <main className={styles.screen} data-testid={testId}>
      {children}
    </main>
  );
}

interface EntranceProps {
  /** What the app is called, and a line about it. */
  app: string;
  about: string;
  title: string;
  testId: string;
  children: ReactNode;
}

/** The card that one enters by: the app's sign, what is asked for, and the form. */
export function Entrance({ app, about, title, testId, children }: EntranceProps): ReactElement {
  return (
    <EntrancePage testId={testId}>
      <div className={styles.card}>
        <header className={styles.brand}>
          <img src="/icon.svg" alt="" width="56" height="56" />
          <h1>{app}</h1>
          <p>{about}</p>
        </header>
        <h2 className={styles.heading}>{title}</h2>
        {children}
      </div>
    </EntrancePage>
  );
}
