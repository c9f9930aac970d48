import { useState, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { User } from "../../bridge/generated/User";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Dialog, Field, Notice } from "../../ui";
import { PeoplePicker } from "./PeoplePicker";
import { toggled } from "./toggled";

const TITLE_CHARS = 128;

interface NewGroupProps {
  onOpened: (conversation: ConversationId) => void;
  onClose: () => void;
}

/** A new group: its title and its people. Works offline. */
export function NewGroup({ onOpened, onClose }: NewGroupProps): ReactElement {
  // Made once, so that a second press does nothing twice.
  const [ids] = useState(() => ({ id: uuidv7(), conversation: uuidv7() }));
  const [title, setTitle] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [members, setMembers] = useState<readonly User[]>([]);
  const { act, busy, problem } = useAct();

  const create = async () => {
    if (title.trim() === "") {
      setWrong(text.people.groupTitleEmpty);
      return;
    }
    const opened = await act({ type: "create_group", ...ids, title: title.trim(), members: [...members] });
    if (opened !== undefined) onOpened(opened.conversation);
  };

  return (
    <Dialog
      title={text.people.newGroup}
      closeLabel={text.common.close}
      onClose={onClose}
      full
      testId={testIds.newGroup}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" busy={busy} onClick={() => void create()} data-testid={testIds.groupCreate}>
            {text.people.create}
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
      <Field
        label={text.people.groupTitle}
        error={wrong}
        value={title}
        maxLength={TITLE_CHARS}
        autoFocus
        autoComplete="off"
        data-testid={testIds.groupTitle}
        onChange={(event) => {
          setTitle(event.target.value);
          setWrong(undefined);
        }}
      />
      <PeoplePicker chosen={members} onPick={(user) => setMembers((before) => toggled(before, user))} />
    </Dialog>
  );
}
