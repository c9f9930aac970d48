import { useState, type ReactElement } from "react";
import type { Device } from "../../bridge/generated/Device";
import { useAct } from "../../hooks/useAct";
import { useNow } from "../../hooks/useNow";
import { useQuery } from "../../hooks/useQuery";
import { testIds } from "../../testids";
import { formatAgo, formatFull, formatWhen, problemText, text } from "../../text";
import { Button, Confirm, Icon, Notice, SkeletonRows } from "../../ui";
import styles from "./Settings.module.css";

function DeviceRow({ device, now, onLogOut }: { device: Device; now: number; onLogOut: () => void }): ReactElement {
  const seen = device.online ? text.profile.deviceOnline : text.profile.deviceSeen(formatAgo(device.last_seen, now));
  return (
    <li className={styles.row} data-testid={testIds.device} data-id={device.id}>
      <span className={styles.deviceIcon}>
        <Icon name="devices" />
      </span>
      <span className={styles.grow}>
        <bdi className={styles.deviceName}>{device.name}</bdi>
        {device.current && <span className={styles.tag}>{text.profile.thisDevice}</span>}
        <span className={styles.sub} title={formatFull(device.last_seen)}>
          {seen}
          {", "}
          {text.profile.deviceSince(formatWhen(device.created_at, now))}
        </span>
      </span>
      {!device.current && (
        <Button onClick={onLogOut} aria-label={text.profile.logOutDeviceNamed(device.name)} data-testid={testIds.deviceLogOut}>
          {text.profile.logOutDevice}
        </Button>
      )}
    </li>
  );
}

/** Where one is logged in. */
export function Devices({ online }: { online: boolean }): ReactElement {
  const { data, problem, refresh } = useQuery(online ? { type: "devices" } : null);
  const { act, busy, problem: refused } = useAct();
  const [asked, setAsked] = useState<Device | null>(null);
  const now = useNow(60_000);
  if (!online) return <p className={styles.sub}>{text.profile.devicesOffline}</p>;
  if (data === undefined) {
    if (problem === undefined) return <SkeletonRows count={2} label={text.common.loading} />;
    return (
      <Notice action={<Button onClick={refresh}>{text.common.retry}</Button>}>
        {text.profile.devicesFailed}
        {". "}
        {problemText(problem)}
      </Notice>
    );
  }
  const logOut = async () => {
    if (asked === null) return;
    const done = await act({ type: "log_out_device", device: asked.id });
    if (done === undefined) return;
    setAsked(null);
    refresh();
  };
  return (
    <>
      <p className={styles.sub}>{text.profile.devicesHint}</p>
      <ul data-testid={testIds.devices}>
        {data.devices.map((device) => (
          <DeviceRow key={device.id} device={device} now={now} onLogOut={() => setAsked(device)} />
        ))}
      </ul>
      {asked !== null && (
        <Confirm
          title={text.profile.logOutDeviceConfirm(asked.name)}
          confirmLabel={text.profile.logOutDevice}
          cancelLabel={text.common.cancel}
          danger
          busy={busy}
          onConfirm={() => void logOut()}
          onClose={() => setAsked(null)}
          testId={testIds.confirm}
        >
          <p>{text.profile.logOutDeviceText}</p>
          {refused !== undefined && <Notice>{problemText(refused)}</Notice>}
        </Confirm>
      )}
    </>
  );
}
