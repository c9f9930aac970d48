import type { ReactElement } from "react";
import type { SettingsPatch } from "../../bridge/generated/native/SettingsPatch";
import { useNativeApp, type NativeApp } from "../../hooks/native";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Notice, Switch } from "../../ui";
import styles from "./Accounts.module.css";

/** The steps of the zoom, as browsers have them. */
const ZOOMS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** The next step of the zoom in a direction; the same at the end. */
export function nextZoom(zoom: number, direction: 1 | -1): number {
  const further = ZOOMS.filter((step) => (direction > 0 ? step > zoom + 0.001 : step < zoom - 0.001));
  return (direction > 0 ? further[0] : further.at(-1)) ?? zoom;
}

/** How the app behaves on this device. Nothing in a browser's page. */
export function DeviceSettings(): ReactElement | null {
  const app = useNativeApp();
  return app === null ? null : <Settings app={app} />;
}

function Settings({ app }: { app: NativeApp }): ReactElement {
  const { act, busy, problem } = useNativeAct(app.native);
  const { settings, system, secrets } = app.view;
  const words = text.accounts.settings;
  const set = (patch: SettingsPatch) => void act({ type: "set", settings: patch });
  return (
    <div className={styles.settings} data-testid={testIds.deviceSettings}>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
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
      <Switch
        label={words.closeToTray}
        hint={system.tray ? words.closeToTrayHint : words.noTray}
        checked={settings.close_to_tray}
        onChange={(close_to_tray) => set({ close_to_tray })}
        testId={testIds.deviceCloseToTray}
      />
      {system.autostart !== null && (
        <Switch label={words.autostart} checked={system.autostart} onChange={(autostart) => set({ autostart })} testId={testIds.deviceAutostart} />
      )}
      <Switch label={words.spellCheck} checked={settings.spell_check} onChange={(spell_check) => set({ spell_check })} />
      <div className={styles.zoom} role="group" aria-label={words.zoom}>
        <span>{words.zoom}</span>
        <Button aria-label={words.zoomOut} onClick={() => set({ zoom: nextZoom(settings.zoom, -1) })}>
          −
        </Button>
        <output className={styles.zoomNow} data-testid={testIds.deviceZoom}>
          {words.zoomNow(settings.zoom)}
        </output>
        <Button aria-label={words.zoomIn} onClick={() => set({ zoom: nextZoom(settings.zoom, 1) })}>
          +
        </Button>
        <Button kind="quiet" disabled={settings.zoom === 1} onClick={() => set({ zoom: 1 })}>
          {words.zoomReset}
        </Button>
      </div>
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
