import type { ReactElement } from "react";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import styles from "./TypingLine.module.css";

/** Who types, below the messages. Its room is always there, so that nothing jumps. */
export function TypingLine({ names }: { names: readonly string[] }): ReactElement {
  return (
    <div className={styles.line} aria-live="polite">
      {names.length > 0 && (
        <span className={styles.words} data-testid={testIds.typingLine}>
          <span className={styles.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <bdi>{text.conversation.typing(names)}</bdi>
        </span>
      )}
    </div>
  );
}
