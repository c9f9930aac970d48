import { useState, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import type { User } from "../../bridge/generated/User";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Confirm, Dialog, Field, Notice } from "../../ui";

const TITLE_CHARS = 128;

/** Another title for a group. */
export function RenameQuestion({ conversation, title, onClose }: { conversation: ConversationId; title: string; onClose: () => void }): ReactElement {
  const [id] = useState(() => uuidv7());
  const [typed, setTyped] = useState(title);
  const { act, busy, problem } = useAct();
  const empty = typed.trim() === "";
  const rename = async () => {
    if (empty) return;
    const done = typed.trim() === title ? {} : await act({ type: "rename", id, conversation, title: typed.trim() });
    if (done !== undefined) onClose();
  };
  return (
    <Dialog
      title={text.group.renameTitle}
      closeLabel={text.common.close}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" busy={busy} disabled={empty} onClick={() => void rename()} data-testid={testIds.confirm}>
            {text.common.save}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void rename();
        }}
      >
        <Field
          label={text.group.groupTitle}
          value={typed}
          maxLength={TITLE_CHARS}
          error={empty ? text.people.groupTitleEmpty : undefined}
          onChange={(event) => setTyped(event.target.value)}
          data-testid={testIds.groupTitle}
        />
      </form>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
    </Dialog>
  );
}

/** Oneself out of a group. An owner with others in it must hand it over first. */
export function LeaveQuestion({ row, may, onClose }: { row: ConversationRow; may: boolean; onClose: () => void }): ReactElement {
  const [id] = useState(() => uuidv7());
  const { act, busy, problem } = useAct();
  if (!may) {
    return (
      <Dialog title={text.group.leave} closeLabel={text.common.close} onClose={onClose}>
        <p>{text.group.leaveOwner}</p>
      </Dialog>
    );
  }
  const leave = async () => {
    const done = await act({ type: "leave", id, conversation: row.id });
    if (done !== undefined) onClose();
  };
  return (
    <Confirm
      title={text.group.leaveConfirm(row.title)}
      confirmLabel={text.group.leave}
      cancelLabel={text.common.cancel}
      danger
      busy={busy}
      onConfirm={() => void leave()}
      onClose={onClose}
      testId={testIds.confirm}
    >
      <p>{text.group.leaveText}</p>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
    </Confirm>
  );
}

/** Someone blocked. */
export function BlockQuestion({ user, onClose }: { user: User; onClose: () => void }): ReactElement {
  const [id] = useState(() => uuidv7());
  const { act, busy, problem } = useAct();
  const block = async () => {
    const done = await act({ type: "block", id, user: user.id, blocked: true });
    if (done !== undefined) onClose();
  };
  return (
    <Confirm
      title={text.group.blockConfirm(user.display_name)}
      confirmLabel={text.group.block}
      cancelLabel={text.common.cancel}
      danger
      busy={busy}
      onConfirm={() => void block()}
      onClose={onClose}
      testId={testIds.confirm}
    >
      <p>{text.group.blockText(user.display_name)}</p>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
    </Confirm>
  );
}
