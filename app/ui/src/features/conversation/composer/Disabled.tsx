import type { ReactElement } from "react";
import type { ConversationView } from "../../../bridge/generated/ConversationView";
import { uuidv7 } from "../../../bridge/ids";
import { useAct } from "../../../hooks/useAct";
import { problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { Button } from "../../../ui";
import styles from "./Disabled.module.css";

/** Why one cannot write here, in place of the composer. */
export function Disabled({ view, title }: { view: ConversationView; title: string }): ReactElement {
  const t = text.conversation.composer.disabled;
  const { act, busy, problem } = useAct();
  const { row, creation } = view;
  const why = (): string => {
    if (row.role === null) return t.removed;
    if (creation !== null) return t.refused(problemText(creation.problem));
    if (view.blocked) return t.blocked(title);
    return row.peer?.deleted === true ? t.deleted : t.other;
  };
  const { peer } = row;
  return (
    <div className={styles.disabled} data-testid={testIds.composerDisabled}>
      <span>{why()}</span>
      {creation !== null && (
        <>
          <Button kind="quiet" busy={busy} onClick={() => void act({ type: "retry", id: creation.command })} data-testid={testIds.creationRetry}>
            {t.retry}
          </Button>
          <Button kind="quiet" busy={busy} onClick={() => void act({ type: "discard", id: creation.command })} data-testid={testIds.creationDiscard}>
            {t.discard}
          </Button>
        </>
      )}
      {view.blocked && peer !== null && row.role !== null && (
        <Button
          kind="quiet"
          busy={busy}
          onClick={() => void act({ type: "block", id: uuidv7(), user: peer.id, blocked: false })}
        >
          {t.unblock}
        </Button>
      )}
      {problem && <span role="alert">{problemText(problem)}</span>}
    </div>
  );
}
