import { useState, type ReactElement } from "react";
import type { Native } from "../../bridge/native";
import { useNativeApp } from "../../hooks/native";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Entrance, Notice } from "../../ui";
import styles from "./Auth.module.css";
import { AuthForm } from "./AuthForm";

/** What one sees with nobody signed in on this device. */
export function AuthScreen({ relay }: { relay: string }): ReactElement {
  const [mode, setMode] = useState<"login" | "register">("login");
  return (
    <Entrance
      app={text.common.app}
      about={relay === "" ? text.auth.tagline : text.auth.relay(relay)}
      title={text.auth[mode].title}
      testId={testIds.authScreen}
    >
      <AuthForm key={mode} mode={mode} />
      <p className={styles.switch}>
        <span>{text.auth[mode].other}</span>
        <Button kind="quiet" onClick={() => setMode(mode === "login" ? "register" : "login")} data-testid={testIds.authSwitch}>
          {text.auth[mode].switch}
        </Button>
      </p>
      <LeaveRelay />
    </Entrance>
  );
}

/** In the native app nobody has to stay at the relay that was named first. */
function LeaveRelay(): ReactElement | null {
  const app = useNativeApp();
  const account = app?.view.selected ?? null;
  return app === null || account === null ? null : <Leave native={app.native} account={account} />;
}

function Leave({ native, account }: { native: Native; account: number }): ReactElement {
  const { act, busy, problem } = useNativeAct(native);
  return (
    <>
      <Button kind="quiet" icon="back" busy={busy} onClick={() => void act({ type: "remove_account", account })} data-testid={testIds.leaveRelay}>
        {text.accounts.leaveRelay}
      </Button>
      {problem !== undefined && <Notice testId={testIds.leaveRelayProblem}>{problemText(problem)}</Notice>}
    </>
  );
}
