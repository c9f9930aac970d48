import type { ReactElement } from "react";
import type { ConversationRow } from "../../../bridge/generated/ConversationRow";
import type { Problem } from "../../../bridge/generated/Problem";
import type { UserId } from "../../../bridge/generated/UserId";
import { faceOf, isNotes, problemText, text, titleOf } from "../../../text";
import { testIds } from "../../../testids";
import { Avatar, Button } from "../../../ui";
import styles from "./Empty.module.css";

interface EmptyProps {
  row: ConversationRow;
  me: UserId | null;
  /** Puts a first word into the composer; null where one cannot write. */
  onHello: ((words: string) => void) | null;
}

/** The beginning of a conversation that holds nothing yet. */
export function Empty({ row, me, onHello }: EmptyProps): ReactElement {
  const t = text.conversation.empty;
  const self = isNotes(row, me);
  const title = titleOf(row);
  const says = self ? t.self : row.kind === "group" ? t.group(title) : t.direct(title);
  return (
    <div className={styles.empty} data-testid={testIds.conversationEmpty}>
      <Avatar {...faceOf(row, me)} size="xl" />
      <p>{says}</p>
      {onHello !== null && !self && (
        <Button kind="plain" onClick={() => onHello(t.hello)}>
          {t.hello} {t.hint}
        </Button>
      )}
    </div>
  );
}

interface NotHereProps {
  problem: Problem;
  narrow: boolean;
  onBack: () => void;
  onRetry?: () => void;
}

/** There is nothing to show, and why. */
export function NotHere({ problem, narrow, onBack, onRetry }: NotHereProps): ReactElement {
  const t = text.conversation;
  const gone = problem.code === "not_found";
  return (
    <div className={styles.empty} role="alert">
      <h1>{gone ? t.notHere.title : t.loadFailed}</h1>
      <p>{gone ? t.notHere.text : problemText(problem)}</p>
      {onRetry && <Button onClick={onRetry}>{text.common.retry}</Button>}
      {narrow && <Button onClick={onBack}>{t.header.back}</Button>}
    </div>
  );
}
