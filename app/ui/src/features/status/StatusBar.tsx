import { useEffect, useState, useSyncExternalStore, type ReactElement, type ReactNode } from "react";
import type { Updates } from "../../bridge/bridge";
import type { SessionView } from "../../bridge/generated/SessionView";
import { useBridge } from "../../hooks/bridge";
import { useAct } from "../../hooks/useAct";
import { testIds } from "../../testids";
import { formatTime, formatTimeExactly, problemText, text } from "../../text";
import { Icon, Spinner, type IconName } from "../../ui";
import styles from "./StatusBar.module.css";
import { useOutage, type Outage } from "./outage";

/** How long it is seen that a try that was asked for was made, though it may fail at once. */
const ASKED_MS = 600;

const STORAGE_SEEN = "confab.storage-notice";

function Line({ icon, kind, children, action, testId }: { icon: IconName | "spinner"; kind: "plain" | "warn" | "accent"; children: ReactNode; action?: ReactNode; testId: string }): ReactElement {
  return (
    <div className={styles.line} data-kind={kind} data-testid={testId}>
      {icon === "spinner" ? <Spinner size={14} /> : <Icon name={icon} size={16} />}
      <span className={styles.words}>{children}</span>
      {action}
    </div>
  );
}

/** Something short-lived is not worth a line that jumps in and out. */
function useLasting(on: boolean, ms: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!on) return undefined;
    const timer = setTimeout(() => setLasting(true), ms);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [on, ms]);
  return on && lasting;
}

function Parts({ session }: { session: SessionView }): ReactElement {
  return (
    <>
      {session.unsent > 0 && (
        <span className={styles.part} data-testid={testIds.statusUnsent}>
          {text.status.unsent(session.unsent)}
        </span>
      )}
      {session.failed > 0 && <span className={styles.part}>{text.status.failed(session.failed)}</span>}
    </>
  );
}

/** True for a moment after `ask`. */
function useAsked(): [boolean, () => void] {
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (asked === 0) return undefined;
    const timer = setTimeout(() => setAsked(0), ASKED_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  return [asked > 0, () => setAsked((before) => before + 1)];
}

function since({ since }: Outage): string {
  return since === null ? text.status.offline : text.status.offlineSince(formatTime(since));
}

/** More than that there is no connection, if more is known. */
function why({ problem }: Outage): string | null {
  if (problem === null || problem.code === "offline") return null;
  return problem.code === "certificate" ? text.status.certificate : problemText(problem);
}

function ConnectionLine({ session }: { session: SessionView }): ReactElement | null {
  const { act } = useAct();
  const [asked, ask] = useAsked();
  const outage = useOutage(session);
  const connecting = useLasting(session.connection === "connecting", 1_000);
  const behind = useLasting(session.connection === "online" && session.behind > 0, 500);
  const slow = useLasting(session.connection === "online" && session.unsent > 0, 2_500);

  const trying = connecting || (asked && outage !== null);
  if (trying || outage !== null) {
    const retryAt = outage?.retryAt ?? null;
    return (
      <Line
        icon={trying ? "spinner" : "offline"}
        kind={trying ? "plain" : "warn"}
        testId={testIds.statusConnection}
        // It stays while it is tried, and with it the focus of whoever pressed it.
        action={
          outage !== null && (
            <button
              type="button"
              className={styles.action}
              // Beside the words it would be painted, and read out, at every try.
              title={retryAt === null ? undefined : text.status.retryAt(formatTimeExactly(retryAt))}
              onClick={() => {
                ask();
                void act({ type: "reconnect" });
              }}
              data-testid={testIds.statusRetry}
            >
              {text.status.retryNow}
            </button>
          )
        }
      >
        <span className={styles.part}>{trying || outage === null ? text.status.connecting : since(outage)}</span>
        <Parts session={session} />
        {!trying && outage !== null && why(outage) !== null && (
          <span className={styles.part} title={outage.problem?.message}>
            {why(outage)}
          </span>
        )}
      </Line>
    );
  }
  if (behind) {
    return (
      <Line icon="spinner" kind="plain" testId={testIds.statusConnection}>
        <span className={styles.part}>{text.status.catchingUp(session.behind)}</span>
      </Line>
    );
  }
  if (slow) {
    return (
      <Line icon="spinner" kind="plain" testId={testIds.statusConnection}>
        <Parts session={session} />
      </Line>
    );
  }
  return null;
}

function UpdateLine({ updates }: { updates: Updates }): ReactElement | null {
  const available = useSyncExternalStore((listener) => updates.subscribe(listener), () => updates.available());
  if (!available) return null;
  return (
    <Line
      icon="update"
      kind="accent"
      testId={testIds.statusUpdate}
      action={
        <button type="button" className={styles.action} onClick={() => updates.apply()}>
          {text.status.reload}
        </button>
      }
    >
      {text.status.update}
    </Line>
  );
}

function seenBefore(storage: string): boolean {
  try {
    return window.sessionStorage.getItem(STORAGE_SEEN) === storage;
  } catch {
    return false;
  }
}

function StorageLine({ storage }: { storage: "indexed_db" | "outbox_only" | "memory" }): ReactElement | null {
  const [seen, setSeen] = useState(() => seenBefore(storage));
  if (seen) return null;
  return (
    <Line
      icon="database"
      kind="warn"
      testId={testIds.statusStorage}
      action={
        <button
          type="button"
          className={styles.action}
          onClick={() => {
            setSeen(true);
            try {
              window.sessionStorage.setItem(STORAGE_SEEN, storage);
            } catch {
              // Then it is said again after a reload.
            }
          }}
        >
          {text.status.understood}
        </button>
      }
    >
      <span className={styles.part}>{text.status.storage[storage]}</span> <span>{text.status.storageWhy}</span>
    </Line>
  );
}

/** The truth about connection, unsent work and storage. It takes no room while all is well. */
export function StatusBar({ session, onLogin }: { session: SessionView; onLogin: () => void }): ReactElement {
  const { updates } = useBridge();
  return (
    <div className={styles.bar} role="status" aria-label={text.status.label} data-testid={testIds.statusBar} data-connection={session.connection}>
      {session.phase === "login_needed" ? (
        <Line
          icon="user"
          kind="warn"
          testId={testIds.statusConnection}
          action={
            <button type="button" className={styles.action} onClick={onLogin}>
              {text.status.logIn}
            </button>
          }
        >
          <span className={styles.part}>{text.status.loginNeeded}</span>
          <Parts session={session} />
        </Line>
      ) : (
        session.phase === "signed_in" && <ConnectionLine session={session} />
      )}
      {session.storage !== "persistent" && <StorageLine storage={session.storage} />}
      {updates !== undefined && <UpdateLine updates={updates} />}
    </div>
  );
}
