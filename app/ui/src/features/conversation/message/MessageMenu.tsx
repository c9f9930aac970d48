import type { ReactElement } from "react";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import { Icon } from "../../../ui";
import { allowed, type At, useShared } from "../parts/context";
import { Menu, type MenuEntry } from "../parts/Menu";
import styles from "./MessageMenu.module.css";

/** The reactions that one reaches without looking for them. */
export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

/** What can be done with a message, for pointer, finger and keyboard alike. */
export function MessageMenu({
  message,
  at,
  onClose,
}: {
  message: MessageRow;
  at: At;
  onClose: () => void;
}): ReactElement {
  const shared = useShared();
  const { actions } = shared;
  const t = text.conversation.actions;
  const may = allowed(message, shared);
  const entries: MenuEntry[] = [];
  if (may.retry) entries.push({ icon: "retry", label: t.retry, run: () => actions.retry(message.id) });
  if (may.reply)
    entries.push({ icon: "reply", label: t.reply, testId: testIds.menuReply, run: () => actions.reply(message) });
  if (may.edit)
    entries.push({ icon: "edit", label: t.edit, testId: testIds.menuEdit, run: () => actions.edit(message) });
  if (may.copy)
    entries.push({ icon: "copy", label: t.copy, testId: testIds.menuCopy, run: () => actions.copy(message) });
  if (may.info)
    entries.push({ icon: "show", label: t.info, testId: testIds.menuInfo, run: () => actions.info(message) });
  if (may.remove)
    entries.push({
      icon: "trash",
      label: t.delete,
      danger: true,
      testId: testIds.menuDelete,
      run: () => actions.remove(message),
    });
  if (may.retry)
    entries.push({ icon: "trash", label: t.discard, danger: true, run: () => actions.discard(message.id) });
  const quick = may.react && (
    <div className={styles.quick}>
      {QUICK.map((emoji) => (
        <button
          key={emoji}
          type="button"
          role="menuitemcheckbox"
          aria-checked={message.reactions.some((reaction) => reaction.own && reaction.emoji === emoji)}
          aria-label={t.reactWith(emoji)}
          className={styles.emoji}
          data-emoji={emoji}
          onClick={() => {
            onClose();
            actions.react(message, emoji);
          }}
        >
          {emoji}
        </button>
      ))}
      <button
        type="button"
        role="menuitem"
        aria-label={t.moreEmoji}
        title={t.moreEmoji}
        className={styles.more}
        onClick={() => {
          onClose();
          actions.pickEmoji(message, at);
        }}
      >
        <Icon name="plus" size={18} />
      </button>
    </div>
  );
  return <Menu at={at} label={t.menu} entries={entries} head={quick} onClose={onClose} testId={testIds.messageMenu} />;
}
