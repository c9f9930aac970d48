import { type ReactElement, useEffect, useRef } from "react";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { uuidv7 } from "../../../bridge/ids";
import { useAct } from "../../../hooks/useAct";
import { problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { Button, Dialog } from "../../../ui";
import { bodyText } from "../message/MessageItem";
import { useShared } from "../parts/context";
import styles from "./DeleteDialog.module.css";

/** Asks before a message is deleted for everyone. */
export function DeleteDialog({ message, onClose }: { message: MessageRow; onClose: () => void }): ReactElement {
  const t = text.conversation.deleteDialog;
  const { conversation, people } = useShared();
  const { act, busy, problem } = useAct();
  // After the dialog has opened: it would take the focus to its first button.
  const confirm = useRef<HTMLButtonElement>(null);
  useEffect(() => confirm.current?.focus(), []);
  const remove = async () => {
    const done = await act({ type: "delete", id: uuidv7(), conversation, message: message.id });
    if (done !== undefined) onClose();
  };
  return (
    <Dialog
      title={t.title}
      closeLabel={text.common.close}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button
            kind="danger"
            busy={busy}
            ref={confirm}
            data-testid={testIds.deleteConfirm}
            onClick={() => void remove()}
          >
            {t.confirm}
          </Button>
        </>
      }
    >
      <blockquote className={styles.quote} dir="auto">
        {bodyText(message, people)}
      </blockquote>
      <p>{t.text}</p>
      {problem && (
        <p role="alert" className={styles.problem}>
          {problemText(problem)}
        </p>
      )}
    </Dialog>
  );
}
