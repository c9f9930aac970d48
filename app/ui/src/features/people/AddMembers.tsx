import { useMemo, useState, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { User } from "../../bridge/generated/User";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { useQuery } from "../../hooks/useQuery";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Dialog, Notice } from "../../ui";
import { PeoplePicker } from "./PeoplePicker";
import { toggled } from "./toggled";

interface AddMembersProps {
  conversation: ConversationId;
  onClose: () => void;
}

/** People into a group. */
export function AddMembers({ conversation, onClose }: AddMembersProps): ReactElement {
  const [id] = useState(() => uuidv7());
  const [users, setUsers] = useState<readonly User[]>([]);
  const header = useQuery({ type: "conversation", conversation });
  const { data } = useQuery({ type: "members", conversation });
  const members = useMemo(() => new Set(data?.members.map((member) => member.user.id)), [data]);
  const { act, busy, problem } = useAct();
  const add = async () => {
    const done = await act({ type: "add_members", id, conversation, users: [...users] });
    if (done !== undefined) onClose();
  };
  return (
    <Dialog
      title={text.people.addTitle(header.data?.row.title ?? "")}
      closeLabel={text.common.close}
      onClose={onClose}
      full
      testId={testIds.addMembers}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" busy={busy} disabled={users.length === 0} onClick={() => void add()} data-testid={testIds.groupCreate}>
            {text.people.add}
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
      <PeoplePicker autoFocus chosen={users} without={members} onPick={(user) => setUsers((before) => toggled(before, user))} />
    </Dialog>
  );
}
