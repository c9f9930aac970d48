import type { ReactElement } from "react";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Dialog } from "../../ui";
import styles from "./Auth.module.css";
import { AuthForm } from "./AuthForm";

interface LoginNeededProps {
  relay: string;
  username: string;
  onClose: () => void;
}

/** The relay wants the password again. What is here stays readable meanwhile. */
export function LoginNeeded({ relay, username, onClose }: LoginNeededProps): ReactElement {
  return (
    <Dialog title={text.auth.needed.title} closeLabel={text.auth.needed.later} onClose={onClose} testId={testIds.loginNeeded}>
      <p className={styles.needed}>{text.auth.needed.text(relay)}</p>
      <AuthForm mode="login" username={username} onDone={onClose} />
    </Dialog>
  );
}
