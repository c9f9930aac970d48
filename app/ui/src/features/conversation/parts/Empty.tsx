import type { ReactElement } from "react";
import type { ConversationRow } from "../../../bridge/generated/ConversationRow";
import type { Problem } from "../../../bridge/generated/Problem";
import { problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { Avatar, Button } from "../../../ui";
import styles from "./Empty.module.css";

interface EmptyProps {
  row: ConversationRow;
  self: boolean;
  /** Puts a first word into the composer; null where one cannot write. */
  onHello: ((words: string) => void) | null;
}

/** The beginning of a conversation that holds nothing yet. */
export function Empty({ row, self, onHello }: EmptyProps): ReactElement {
  const t = text.conversation.empty;
  const title = row.title || text.common.deletedUser;
  const says = self ? t.self : row.kind === "group" ? t.group(title) : t.direct(title);
  return (
    <div className={styles.empty} data-testid={testIds.conversationEmpty}>
      <Avatar
        id={row.peer?.id ?? row.id}
        name={title}
        size="xl"
        square={row.kind === "group"}
        {...(self ? { icon: "bookmark" as const } : {})}
      />
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
