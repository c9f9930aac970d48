import { useState, type ReactElement } from "react";
import type { SecretsPlace } from "../../bridge/generated/native/SecretsPlace";
import type { SecretsView } from "../../bridge/generated/native/SecretsView";
import type { Native } from "../../bridge/native";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Button, Dialog, Notice } from "../../ui";
import styles from "./Accounts.module.css";

/** Says that secrets cannot be kept or read, and lets the person decide. Shows nothing while all is well. */
export function SecretsGate({ native, secrets }: { native: Native; secrets: SecretsView }): ReactElement | null {
  const [later, setLater] = useState(false);
  const { act, busy, problem } = useNativeAct(native);
  if (secrets.state !== "closed") return null;
  if (later) {
    return (
      <div className={styles.line} role="status" data-testid={testIds.secretsLine}>
        <span>{text.accounts.secrets.line}</span>
        <Button onClick={() => setLater(false)}>{text.accounts.secrets.lineAction}</Button>
      </div>
    );
  }
  const keep = (place: SecretsPlace) => void act({ type: "keep_secrets", place });
  const changed = secrets.why === "changed";
  return (
    <Dialog
      title={text.accounts.secrets.title}
      size="medium"
      onClose={() => setLater(true)}
      testId={testIds.secrets}
      footer={
        <>
          <Button kind="quiet" onClick={() => setLater(true)}>
            {text.accounts.secrets.later}
          </Button>
          <Button busy={busy} onClick={() => keep("file")} data-testid={testIds.secretsFile}>
            {text.accounts.secrets.useFile}
          </Button>
          <Button kind="primary" busy={busy} onClick={() => keep("keychain")} data-testid={testIds.secretsRetry}>
            {changed ? text.accounts.secrets.anew : text.accounts.secrets.retry}
          </Button>
        </>
      }
    >
      <div className={styles.question}>
        <p>{text.accounts.secrets[secrets.why]}</p>
        <p>{text.accounts.secrets.file}</p>
        {problem !== undefined && <Notice>{problem.message}</Notice>}
        <p className={styles.detail}>{text.accounts.secrets.detail(secrets.detail)}</p>
      </div>
    </Dialog>
  );
}
