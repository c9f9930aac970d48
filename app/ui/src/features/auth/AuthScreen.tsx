import { useState, type ReactElement } from "react";
import { useNativeApp } from "../../hooks/native";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Button } from "../../ui";
import styles from "./Auth.module.css";
import { AuthForm } from "./AuthForm";

/** What one sees with nobody signed in on this device. */
export function AuthScreen({ relay }: { relay: string }): ReactElement {
  const [mode, setMode] = useState<"login" | "register">("login");
  return (
    <main className={styles.screen} data-testid={testIds.authScreen}>
      <div className={styles.card}>
        <header className={styles.brand}>
          <img src="/icon.svg" alt="" width="56" height="56" />
          <h1>{text.common.app}</h1>
          <p>{relay === "" ? text.auth.tagline : text.auth.relay(relay)}</p>
        </header>
        <h2 className={styles.heading}>{text.auth[mode].title}</h2>
        <AuthForm key={mode} mode={mode} />
        <p className={styles.switch}>
          <span>{text.auth[mode].other}</span>
          <Button kind="quiet" onClick={() => setMode(mode === "login" ? "register" : "login")} data-testid={testIds.authSwitch}>
            {text.auth[mode].switch}
          </Button>
        </p>
        <LeaveRelay />
      </div>
    </main>
  );
}

/** In the native app nobody has to stay at the relay that was named first. */
function LeaveRelay(): ReactElement | null {
  const app = useNativeApp();
  const account = app?.view.selected ?? null;
  if (app === null || account === null) return null;
  return (
    <Button
      kind="quiet"
      icon="back"
      onClick={() => void app.native.request({ type: "remove_account", account }).catch(() => undefined)}
      data-testid={testIds.leaveRelay}
    >
      {text.accounts.leaveRelay}
    </Button>
  );
}
