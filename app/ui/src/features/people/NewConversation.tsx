import type { ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { User } from "../../bridge/generated/User";
import { useAct } from "../../hooks/useAct";
import { useSession } from "../../hooks/useSession";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Dialog, Icon, Notice } from "../../ui";
import styles from "./People.module.css";
import { PeoplePicker } from "./PeoplePicker";

interface NewConversationProps {
  onOpened: (conversation: ConversationId) => void;
  onGroup: () => void;
  onClose: () => void;
}

/** Whom to talk to: someone, oneself, or a new group. */
export function NewConversation({ onOpened, onGroup, onClose }: NewConversationProps): ReactElement {
  const me = useSession()?.user;
  const { act, problem } = useAct();
  const open = async (user: User) => {
    const opened = await act({ type: "open_direct", user });
    if (opened !== undefined) onOpened(opened.conversation);
  };
  return (
    <Dialog title={text.people.newConversation} closeLabel={text.common.close} onClose={onClose} full testId={testIds.newDirect}>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
      <PeoplePicker autoFocus onPick={(user) => void open(user)}>
        <div className={styles.entries}>
          <button type="button" className={styles.entry} onClick={onGroup}>
            <span className={styles.entryIcon}>
              <Icon name="users" />
            </span>
            {text.people.newGroup}
          </button>
          {me != null && (
            <button type="button" className={styles.entry} onClick={() => void open(me)}>
              <span className={styles.entryIcon}>
                <Icon name="bookmark" />
              </span>
              {text.people.notes}
            </button>
          )}
        </div>
      </PeoplePicker>
    </Dialog>
  );
}
