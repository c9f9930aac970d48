import { useState, type ReactElement, type ReactNode } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { ConversationView } from "../../bridge/generated/ConversationView";
import { remaining } from "../../bridge/members";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { useQuery } from "../../hooks/useQuery";
import { useSession } from "../../hooks/useSession";
import { testIds } from "../../testids";
import { faceOf, isNotes, problemText, text, titleOf } from "../../text";
import { Avatar, Empty, Icon, IconButton, Notice, SkeletonRows, type IconName } from "../../ui";
import styles from "./Details.module.css";
import { BlockQuestion, LeaveQuestion, RenameQuestion } from "./Questions";
import { MemberList } from "./MemberList";
import { useLastSeen } from "./useLastSeen";

interface DetailsProps {
  conversation: ConversationId;
  /** They have the page to themselves. */
  alone: boolean;
  onClose: () => void;
  onAdd: () => void;
  onSearch: () => void;
  onNotify: () => void;
  onOpen: (conversation: ConversationId) => void;
}

type Question = "rename" | "leave" | "block";

function Action({ icon, danger, testId, onClick, children }: { icon: IconName; danger?: boolean; testId?: string; onClick: () => void; children: ReactNode }): ReactElement {
  return (
    <li>
      <button type="button" className={styles.action} data-danger={danger === true || undefined} data-testid={testId} onClick={onClick}>
        <Icon name={icon} />
        {children}
      </button>
    </li>
  );
}

function Head({ view, me }: { view: ConversationView; me: string | undefined }): ReactElement {
  const { row } = view;
  const members = useQuery(row.kind === "group" ? { type: "members", conversation: row.id } : null).data?.members;
  const seen = useLastSeen(row.kind === "direct" ? (row.peer?.id ?? null) : null);
  const notes = isNotes(row, me);
  return (
    <div className={styles.head}>
      <Avatar {...faceOf(row, me)} size="xl" />
      <h2 className={styles.name}>
        <bdi>{titleOf(row)}</bdi>
      </h2>
      {row.kind === "group" && <p className={styles.sub}>{text.group.members(members === undefined ? row.members : remaining(members).length)}</p>}
      {notes && <p className={styles.sub}>{text.group.selfText}</p>}
      {!notes && row.peer !== null && row.peer.username !== "" && <p className={styles.sub}>{text.people.at(row.peer.username)}</p>}
      {!notes && seen !== null && <p className={styles.sub}>{seen}</p>}
    </div>
  );
}

function Actions({ view, me, onAdd, onSearch, onNotify, onAsk }: { view: ConversationView; me: string | undefined; onAdd: () => void; onSearch: () => void; onNotify: () => void; onAsk: (question: Question) => void }): ReactElement {
  const { row, may, blocked } = view;
  const { act, problem } = useAct();
  const direct = row.kind === "direct" && row.peer?.id !== me;
  return (
    <>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
      {row.role === null && <Notice kind="info">{text.group.notMember}</Notice>}
      {blocked && <Notice kind="warn">{text.group.blocked}</Notice>}
      <ul className={styles.actions}>
        <Action icon="search" onClick={onSearch}>
          {text.group.search}
        </Action>
        {row.role !== null && (
          <Action icon={row.muted ? "bellOff" : "bell"} testId={testIds.notifyOpen} onClick={onNotify}>
            {row.muted ? text.notify.muted : text.notify.title}
          </Action>
        )}
        {may.manage && (
          <Action icon="edit" testId={testIds.groupRename} onClick={() => onAsk("rename")}>
            {text.group.rename}
          </Action>
        )}
        {may.manage && (
          <Action icon="userPlus" testId={testIds.groupAdd} onClick={onAdd}>
            {text.group.add}
          </Action>
        )}
        <Action icon={row.hidden ? "show" : "hide"} testId={testIds.hideButton} onClick={() => void act({ type: "hide", id: uuidv7(), conversation: row.id, hidden: !row.hidden })}>
          {row.hidden ? text.group.unhide : text.group.hide}
        </Action>
        {direct && row.peer !== null && (
          <Action
            icon="block"
            danger={!blocked}
            testId={testIds.blockButton}
            onClick={() => {
              if (blocked && row.peer !== null) void act({ type: "block", id: uuidv7(), user: row.peer.id, blocked: false });
              else onAsk("block");
            }}
          >
            {blocked ? text.group.unblock : text.group.block}
          </Action>
        )}
        {row.kind === "group" && row.role !== null && (
          <Action icon="logout" danger testId={testIds.groupLeave} onClick={() => onAsk("leave")}>
            {text.group.leave}
          </Action>
        )}
      </ul>
    </>
  );
}

/** What there is to know and do beside a conversation. */
export function Details({ conversation, alone, onClose, onAdd, onSearch, onNotify, onOpen }: DetailsProps): ReactElement {
  const { data: view, problem } = useQuery({ type: "conversation", conversation });
  const me = useSession()?.user?.id;
  const [question, setQuestion] = useState<Question | null>(null);
  const done = () => setQuestion(null);
  const Box = alone ? "main" : "aside";
  const Title = alone ? "h1" : "h2";
  return (
    <Box className={styles.details} aria-label={text.group.title} data-testid={testIds.details}>
      <header className={styles.bar}>
        <Title>{text.group.title}</Title>
        <IconButton icon="close" label={text.common.close} onClick={onClose} data-testid={testIds.detailsClose} />
      </header>
      <div className={styles.body}>
        {view === undefined ? (
          problem === undefined ? <SkeletonRows count={4} label={text.common.loading} /> : <Empty icon="alert" alert title={problemText(problem)} />
        ) : (
          <>
            <Head view={view} me={me} />
            <Actions view={view} me={me} onAdd={onAdd} onSearch={onSearch} onNotify={onNotify} onAsk={setQuestion} />
            {view.row.kind === "group" && <MemberList conversation={conversation} may={view.may} onOpen={onOpen} />}
            {question === "rename" && <RenameQuestion conversation={conversation} title={view.row.title} onClose={done} />}
            {question === "leave" && <LeaveQuestion row={view.row} may={view.may.leave} onClose={done} />}
            {question === "block" && view.row.peer !== null && <BlockQuestion user={view.row.peer} onClose={done} />}
          </>
        )}
      </div>
    </Box>
  );
}
