import { type ReactElement, useState } from "react";
import type { ConversationView } from "../../../bridge/generated/ConversationView";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { PresenceView } from "../../../bridge/generated/PresenceView";
import type { UserId } from "../../../bridge/generated/UserId";
import { remaining } from "../../../bridge/members";
import { uuidv7 } from "../../../bridge/ids";
import { useAct } from "../../../hooks/useAct";
import { useNow } from "../../../hooks/useNow";
import { faceOf, formatAgo, isNotes, problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { Avatar, IconButton } from "../../../ui";
import type { At } from "../parts/context";
import { Menu, type MenuEntry } from "../parts/Menu";
import styles from "./Header.module.css";

interface HeaderProps {
  view: ConversationView;
  title: string;
  presence: PresenceView | undefined;
  members: readonly MemberRow[];
  me: UserId | null;
  narrow: boolean;
  onBack: () => void;
  onDetails: () => void;
  onSearch: () => void;
  /** Opens what one is told of here. */
  onNotify: () => void;
}

const MINUTE_MS = 60_000;

/** The line below the title. */
function statusOf({ view, presence, members, me }: HeaderProps, now: number): string {
  const t = text.conversation;
  const { row } = view;
  const typing = presence?.typing.filter((one) => one.conversation === row.id) ?? [];
  if (row.kind === "group") {
    if (row.role === null) return t.header.notMember;
    if (typing.length > 0) return t.typing(typing.map((one) => one.name));
    const online = new Set(presence?.users.filter((one) => one.online).map((one) => one.user));
    const staying = remaining(members);
    const there = staying.filter((member) => !member.me && online.has(member.user.id)).length;
    // Before the members are read there are none, which no group has.
    const count = members.length === 0 ? row.members : staying.length;
    return there === 0 ? t.header.members(count) : t.header.membersOnline(count, there);
  }
  if (isNotes(row, me)) return "";
  if (view.blocked) return t.header.blocked;
  if (typing.length > 0) return t.typingDirect;
  const peer = presence?.users.find((one) => one.user === row.peer?.id);
  if (!peer) return "";
  if (peer.online) return t.header.online;
  return peer.last_seen === null ? "" : t.header.lastSeen(formatAgo(peer.last_seen, now));
}

/** Whom one talks with, and what can be done with the conversation. */
export function Header(props: HeaderProps): ReactElement {
  const { view, title, presence, me, narrow, onBack, onDetails, onSearch, onNotify } = props;
  const t = text.conversation.header;
  const now = useNow(MINUTE_MS);
  const { act, problem } = useAct();
  const [menu, setMenu] = useState<At | null>(null);
  const { row } = view;
  const self = isNotes(row, me);
  const status = statusOf(props, now);
  const online = presence?.users.some((one) => one.user === row.peer?.id && one.online) === true && !self;
  const entries: MenuEntry[] = [
    { icon: "info", label: t.details, run: onDetails },
    {
      icon: row.hidden ? "show" : "hide",
      label: row.hidden ? t.unhide : t.hide,
      testId: testIds.hideButton,
      run: () => {
        void act({ type: "hide", id: uuidv7(), conversation: row.id, hidden: !row.hidden }).then((done) => {
          if (done !== undefined && !row.hidden) onBack();
        });
      },
    },
  ];
  if (!self && row.role !== null) {
    entries.splice(1, 0, { icon: row.muted ? "bellOff" : "bell", label: text.notify.title, testId: testIds.conversationNotify, run: onNotify });
  }
  const { peer } = row;
  if (row.kind === "direct" && peer !== null && !self && peer.deleted !== true) {
    entries.push({
      icon: "block",
      label: view.blocked ? t.unblock(title) : t.block(title),
      danger: !view.blocked,
      testId: testIds.blockButton,
      run: () => void act({ type: "block", id: uuidv7(), user: peer.id, blocked: !view.blocked }),
    });
  }
  return (
    <header className={styles.header} data-testid={testIds.conversationHeader}>
      {narrow && <IconButton icon="back" label={t.back} data-testid={testIds.conversationBack} onClick={onBack} />}
      <h1 className={styles.heading}>
        <button
          type="button"
          className={styles.who}
          data-testid={testIds.conversationDetails}
          title={t.details}
          onClick={onDetails}
        >
          <Avatar
            {...faceOf(row, me)}
            online={online}
          />
          <span className={styles.words}>
            <bdi className={styles.title} data-testid={testIds.conversationTitle}>
              {title}
            </bdi>
            {status !== "" && (
              <span
                className={styles.status}
                data-online={online || undefined}
                data-testid={testIds.conversationStatus}
              >
                {status}
              </span>
            )}
          </span>
        </button>
      </h1>
      {problem && (
        <span className={styles.problem} role="alert">
          {problemText(problem)}
        </span>
      )}
      <IconButton icon="search" label={t.search} data-testid={testIds.conversationSearch} onClick={onSearch} />
      <IconButton
        icon="more"
        label={t.menu}
        aria-haspopup="menu"
        aria-expanded={menu !== null}
        data-testid={testIds.conversationMenu}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenu({ x: box.right - 200, y: box.bottom + 4 });
        }}
      />
      {menu && (
        <Menu
          at={menu}
          label={t.menu}
          entries={entries}
          onClose={() => setMenu(null)}
          testId={testIds.conversationMenuOpen}
        />
      )}
    </header>
  );
}
