import type { ReactElement } from "react";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { formatNumber, text } from "../../../text";
import { testIds } from "../../../testids";
import { allowed, useShared } from "../parts/context";
import styles from "./Reactions.module.css";

/** The reactions below a message. A click joins in or takes one's own back. */
export function Reactions({ message }: { message: MessageRow }): ReactElement {
  const shared = useShared();
  const may = allowed(message, shared).react;
  return (
    <div className={styles.reactions}>
      {message.reactions.map((reaction) => {
        const words = text.conversation.reactions.by(reaction.names, reaction.count, reaction.emoji);
        return (
          <button
            key={reaction.emoji}
            type="button"
            className={styles.reaction}
            aria-pressed={reaction.own}
            aria-label={words}
            title={words}
            tabIndex={-1}
            disabled={!may}
            data-testid={testIds.reaction}
            data-emoji={reaction.emoji}
            onClick={() => shared.actions.react(message, reaction.emoji)}
          >
            <span className={styles.emoji}>{reaction.emoji}</span>
            <span className={styles.count}>{formatNumber(reaction.count)}</span>
          </button>
        );
      })}
    </div>
  );
}
