import type { ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { Notify } from "../../bridge/generated/Notify";
import { FOREVER_MS, unmuted } from "../../bridge/notify";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { useQuery } from "../../hooks/useQuery";
import { testIds } from "../../testids";
import { formatFull, problemText, text } from "../../text";
import { Button, Choice, Dialog, Icon, Notice } from "../../ui";
import { mutedFor, spans } from "./muting";
import styles from "./Notify.module.css";

const levels = (["all", "mentions", "nothing"] as const).map((value) => ({ value, label: text.notify.levels[value] }));

/** Of which messages of a conversation to be told, and whether of none for a while. */
export function NotifyDialog({ conversation, onClose }: { conversation: ConversationId; onClose: () => void }): ReactElement | null {
  const { data } = useQuery({ type: "conversation", conversation });
  const { act, problem } = useAct();
  if (data === undefined) return null;
  const { notify } = data.row;
  const set = (to: Notify) => void act({ type: "set_notify", id: uuidv7(), conversation, notify: to });
  return (
    <Dialog title={text.notify.title} closeLabel={text.common.close} onClose={onClose} testId={testIds.notifyDialog}>
      <div className={styles.choices}>
        <Choice label={text.notify.level} value={notify.level} options={levels} onChange={(level) => set({ ...notify, level })} testId={testIds.notifyLevel} />
        {notify.muted_until > 0 ? (
          <div className={styles.muted} data-testid={testIds.notifyMuted}>
            <Icon name="bellOff" />
            <span>{notify.muted_until >= FOREVER_MS ? text.notify.mutedForever : text.notify.mutedUntil(formatFull(notify.muted_until))}</span>
            <Button onClick={() => set(unmuted(notify))} data-testid={testIds.notifyUnmute}>
              {text.notify.unmute}
            </Button>
          </div>
        ) : (
          <fieldset className={styles.spans}>
            <legend>{text.notify.mute}</legend>
            {spans.map((span) => (
              <Button key={span} onClick={() => set(mutedFor(notify, span, Date.now()))} data-testid={`${testIds.notifyMute}-${span}`}>
                {text.notify.muteFor[span]}
              </Button>
            ))}
          </fieldset>
        )}
        <p className={styles.hint}>{text.notify.everywhere}</p>
        {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
      </div>
    </Dialog>
  );
}
