import type { ReactElement } from "react";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import { Avatar, Dialog } from "../../../ui";
import styles from "./InfoDialog.module.css";

interface InfoDialogProps {
  message: MessageRow;
  members: readonly MemberRow[];
  onClose: () => void;
}

/** Who has read an own message, who has it, and who does not yet. */
export function InfoDialog({ message, members, onClose }: InfoDialogProps): ReactElement {
  const t = text.conversation.info;
  const seq = message.seq ?? Number.POSITIVE_INFINITY;
  const others = members.filter((member) => !member.me);
  const groups = [
    { name: t.read, list: others.filter((member) => member.read >= seq) },
    { name: t.delivered, list: others.filter((member) => member.read < seq && member.delivered >= seq) },
    { name: t.waiting, list: others.filter((member) => member.read < seq && member.delivered < seq) },
  ];
  return (
    <Dialog title={t.title} closeLabel={text.common.close} onClose={onClose} testId={testIds.messageInfo}>
      <p className={styles.when}>{t.sentAt(message.at)}</p>
      {message.receipt.of === 0 ? (
        <p>{t.none}</p>
      ) : (
        groups
          .filter((group) => group.list.length > 0)
          .map((group) => (
            <section key={group.name} className={styles.group}>
              <h3>{group.name}</h3>
              <ul>
                {group.list.map(({ user }) => (
                  <li key={user.id} className={styles.person}>
                    <Avatar id={user.id} name={user.display_name} size="sm" />
                    <bdi>{user.display_name || text.common.deletedUser}</bdi>
                  </li>
                ))}
              </ul>
            </section>
          ))
      )}
    </Dialog>
  );
}
