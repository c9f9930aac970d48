import type { ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { Notify } from "../../bridge/generated/Notify";
import { FOREVER_MS, unmuted } from "../../bridge/notify";
import { uuidv7 } from "../../bridge/ids";
import { useBridge } from "../../hooks/bridge";
import { useAsked } from "../../hooks/useAsked";
import { useAttempt } from "../../hooks/useAttempt";
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
  if (data === undefined) return null;
  return (
    <Dialog title={text.notify.title} closeLabel={text.common.close} onClose={onClose} testId={testIds.notifyDialog}>
      <Choices conversation={conversation} notify={data.row.notify} />
    </Dialog>
  );
}

/** The level and the muting are one setting: whoever changes the one sends the other along as it was asked for last. */
function Choices({ conversation, notify }: { conversation: ConversationId; notify: Notify }): ReactElement {
  const bridge = useBridge();
  const { attempt, problem } = useAttempt();
  const change = useAsked(notify, (to) => bridge.request({ type: "set_notify", id: uuidv7(), conversation, notify: to }));
  const set = (next: (now: Notify) => Notify) => void attempt(() => change(next));
  return (
    <div className={styles.choices}>
      <Choice
        label={text.notify.level}
        value={notify.level}
        options={levels}
        onChange={(level) => set((now) => ({ ...now, level }))}
        testId={testIds.notifyLevel}
      />
      {notify.muted_until > 0 ? (
        <div className={styles.muted} data-testid={testIds.notifyMuted}>
          <Icon name="bellOff" />
          <span>{notify.muted_until >= FOREVER_MS ? text.notify.mutedForever : text.notify.mutedUntil(formatFull(notify.muted_until))}</span>
          <Button onClick={() => set(unmuted)} data-testid={testIds.notifyUnmute}>
            {text.notify.unmute}
          </Button>
        </div>
      ) : (
        <fieldset className={styles.spans}>
          <legend>{text.notify.mute}</legend>
          {spans.map((span) => (
            <Button key={span} onClick={() => set((now) => mutedFor(now, span, Date.now()))} data-testid={`${testIds.notifyMute}-${span}`}>
              {text.notify.muteFor[span]}
            </Button>
          ))}
        </fieldset>
      )}
      <p className={styles.hint}>{text.notify.everywhere}</p>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
    </div>
  );
}
