import { useState, type ReactElement } from "react";
import { useAct } from "../../hooks/useAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Confirm, Notice } from "../../ui";
import styles from "./Settings.module.css";

/** Logging out. With unsent work the client refuses at first, and the person is asked once more. */
export function Logout({ unsent }: { unsent: number }): ReactElement {
  const [asking, setAsking] = useState(false);
  const { act, busy, problem, clear } = useAct();
  const lost = problem?.code === "unsent_work";
  const close = () => {
    setAsking(false);
    clear();
  };
  return (
    <>
      <p className={styles.sub}>{text.profile.logoutText}</p>
      <Button icon="logout" className={styles.fit ?? ""} onClick={() => setAsking(true)} data-testid={testIds.logout}>
        {text.profile.logout}
      </Button>
      {asking && (
        <Confirm
          title={lost ? text.profile.unsentTitle : text.profile.logoutConfirm}
          confirmLabel={lost ? text.profile.discard : text.profile.logout}
          cancelLabel={lost ? text.profile.stay : text.common.cancel}
          danger
          busy={busy}
          onConfirm={() => void act({ type: "logout", discard_unsent: lost })}
          onClose={close}
          testId={lost ? testIds.logoutDiscard : testIds.confirm}
        >
          <p>{lost ? text.profile.unsent(Math.max(1, unsent)) : text.profile.logoutText}</p>
          {problem !== undefined && !lost && <Notice>{problemText(problem)}</Notice>}
        </Confirm>
      )}
    </>
  );
}
