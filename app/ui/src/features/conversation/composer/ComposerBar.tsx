import type { ReactElement } from "react";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import { Icon, IconButton } from "../../../ui";
import { bodyText } from "../message/MessageItem";
import { useShared } from "../parts/context";
import styles from "./ComposerBar.module.css";

interface ComposerBarProps {
  kind: "reply" | "edit";
  /** Absent while it is not in view (after a reload, far from here). */
  message: MessageRow | undefined;
  onClose: () => void;
  onJump: (seq: number) => void;
}

/** What is being answered or edited, above the composer. */
export function ComposerBar({ kind, message, onClose, onJump }: ComposerBarProps): ReactElement {
  const t = text.conversation.composer;
  const { people } = useShared();
  const name = message?.own ? text.conversation.you : message?.sender_name;
  const heading = kind === "edit" ? t.editing : name === undefined ? t.replyingToSomething : t.replyingTo(name);
  const seq = message?.seq ?? null;
  return (
    <div className={styles.bar} data-testid={testIds.composerBar} data-kind={kind}>
      <Icon name={kind} size={20} />
      <button type="button" className={styles.what} disabled={seq === null} onClick={() => seq !== null && onJump(seq)}>
        <span className={styles.heading}>{heading}</span>
        {message && (
          <span className={styles.text} dir="auto">
            {bodyText(message, people)}
          </span>
        )}
      </button>
      <IconButton
        icon="close"
        label={kind === "edit" ? t.cancelEdit : t.cancelReply}
        data-testid={testIds.composerBarClose}
        onClick={onClose}
      />
    </div>
  );
}
