import { useState, type ReactElement } from "react";
import type { SettingsPatch } from "../../bridge/generated/native/SettingsPatch";
import { useNativeApp, type NativeApp } from "../../hooks/native";
import { useAttempt } from "../../hooks/useAttempt";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Notice, Switch } from "../../ui";
import styles from "./Accounts.module.css";
import { nextZoom } from "./zoom";

/** How the app behaves on this device. Nothing in a browser's page. */
export function DeviceSettings(): ReactElement | null {
  const app = useNativeApp();
  return app === null ? null : <Settings app={app} />;
}

function Settings({ app }: { app: NativeApp }): ReactElement {
  const { act, busy, problem } = useNativeAct(app.native);
  const { attempt, problem: notZoomed } = useAttempt();
  const [refused, setRefused] = useState(false);
  const { settings, system, secrets } = app.view;
  const words = text.accounts.settings;
  const phone = system.name === "android" || system.name === "ios";
  const failed = problem ?? notZoomed;
  const set = (patch: SettingsPatch) => void act({ type: "set", settings: patch });
  const setAutostart = async (autostart: boolean) => {
    setRefused(false);
    const answer = await act({ type: "set", settings: { autostart } });
    // It is the system that remembers it; that it refused shows in what it says then.
    if (answer !== undefined) setRefused(answer.system.autostart !== autostart);
  };
  return (
    <div className={styles.settings} data-testid={testIds.deviceSettings}>
      {failed !== undefined && <Notice>{problemText(failed)}</Notice>}
      <Switch
        label={words.notify}
        hint={system.notifications ? words.notifyHint : words.noNotifications}
        checked={settings.notify}
        onChange={(notify) => set({ notify })}
        testId={testIds.deviceNotify}
      />
      <Switch
        label={words.notifyText}
        hint={words.notifyTextHint}
        checked={settings.notify_text}
        disabled={!settings.notify}
        onChange={(notify_text) => set({ notify_text })}
        testId={testIds.deviceNotifyText}
      />
      {!phone && (
        <Switch
          label={words.closeToTray}
          hint={system.tray ? words.closeToTrayHint : words.noTray}
          checked={settings.close_to_tray}
          onChange={(close_to_tray) => set({ close_to_tray })}
          testId={testIds.deviceCloseToTray}
        />
      )}
      {system.autostart !== null && (
        <Switch label={words.autostart} checked={system.autostart} onChange={(on) => void setAutostart(on)} testId={testIds.deviceAutostart} />
      )}
      {refused && <Notice testId={testIds.deviceAutostartFailed}>{words.autostartFailed}</Notice>}
      {/* Elsewhere the webview checks as the system is set up, and nothing can be told to it. */}
      {system.name === "linux" && (
        <Switch label={words.spellCheck} checked={settings.spell_check} onChange={(spell_check) => set({ spell_check })} testId={testIds.deviceSpellCheck} />
      )}
      {!phone && <Zoom now={settings.zoom} change={(next) => void attempt(() => app.zoom(next))} />}
      {secrets.state === "ready" && (
        <p className={styles.small}>{secrets.place === "file" ? words.secretsFile : words.secretsKeychain}</p>
      )}
      {secrets.state === "ready" && secrets.place === "file" && (
        <Button busy={busy} onClick={() => void act({ type: "keep_secrets", place: "keychain" })}>
          {words.toKeychain}
        </Button>
      )}
      <p className={styles.small}>{words.version(system.version)}</p>
    </div>
  );
}

function Zoom({ now, change }: { now: number; change: (next: (now: number) => number) => void }): ReactElement {
  const words = text.accounts.settings;
  return (
    <div className={styles.zoom} role="group" aria-label={words.zoom}>
      <span>{words.zoom}</span>
      <Button aria-label={words.zoomOut} onClick={() => change((zoom) => nextZoom(zoom, -1))} data-testid={testIds.deviceZoomOut}>
        −
      </Button>
      <output className={styles.zoomNow} data-testid={testIds.deviceZoom}>
        {words.zoomNow(now)}
      </output>
      <Button aria-label={words.zoomIn} onClick={() => change((zoom) => nextZoom(zoom, 1))} data-testid={testIds.deviceZoomIn}>
        +
      </Button>
      <Button kind="quiet" disabled={now === 1} onClick={() => change(() => 1)}>
        {words.zoomReset}
      </Button>
    </div>
  );
}
