import { memo, type KeyboardEvent, type MouseEvent, type ReactElement } from "react";
import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import type { UserId } from "../../bridge/generated/UserId";
import { testIds } from "../../testids";
import { eventText, faceOf, formatFull, formatWhen, isNotes, plain, text, titleOf } from "../../text";
import { Avatar, cx, Hidden, Icon, Ticks, type TickState } from "../../ui";
import styles from "./List.module.css";

/** How far the newest message has come, if it is one's own. */
export function tickOf(row: ConversationRow): TickState | null {
  const { last } = row;
  if (last?.own !== true || last.what === "system") return null;
  // The badge says it, and how many.
  if (row.failed > 0 && last.state.type !== "pending") return null;
  if (last.state.type !== "sent") return last.state.type;
  const { delivered, read, of } = last.receipt;
  if (of > 0 && read >= of) return "read";
  return of > 0 && delivered >= of ? "delivered" : "sent";
}

function Preview({ row, me }: { row: ConversationRow; me: UserId | null }): ReactElement {
  const { last } = row;
  if (row.draft !== null) {
    return (
      <>
        <span className={styles.draft} data-testid={testIds.rowDraft}>
          {text.list.draft}
        </span>{" "}
        <bdi>{plain(row.draft)}</bdi>
      </>
    );
  }
  if (last === null) return <em>{text.list.noMessages}</em>;
  if (last.what === "system") {
    return <em>{eventText(last.event, { id: last.sender, name: last.sender_name, own: last.own }, me)}</em>;
  }
  const who = row.kind === "group" ? (last.own ? text.list.you : text.list.from(last.sender_name || text.common.deletedUser)) : null;
  const words =
    last.what === "text" ? <bdi>{plain(last.text)}</bdi> : <em>{last.what === "deleted" ? text.list.deleted : text.list.unknown}</em>;
  return (
    <>
      {who !== null && <span className={styles.who}>{who} </span>}
      {words}
    </>
  );
}

function Badges({ row }: { row: ConversationRow }): ReactElement | null {
  if (row.unread === 0 && row.failed === 0 && !row.mention) return null;
  return (
    <span className={styles.badges}>
      {row.failed > 0 && (
        <span className={styles.failed} data-testid={testIds.rowFailed} role="img" aria-label={text.list.failed(row.failed)} title={text.list.failed(row.failed)}>
          <Icon name="alert" size={16} />
        </span>
      )}
      {row.mention && (
        <span className={styles.mention} data-testid={testIds.rowMention} role="img" aria-label={text.list.mention} title={text.list.mention}>
          <Icon name="at" size={14} />
        </span>
      )}
      {row.unread > 0 && (
        <span className={cx(styles.unread, row.muted && styles.quiet)} data-testid={testIds.rowUnread} role="img" aria-label={text.list.unread(row.unread, row.unread_more)}>
          {text.list.unreadShort(row.unread, row.unread_more)}
        </span>
      )}
    </span>
  );
}

interface RowProps {
  row: ConversationRow;
  me: UserId | null;
  now: number;
  online: boolean;
  selected: boolean;
  focusable: boolean;
  onOpen: (row: ConversationRow) => void;
  onMenu: (row: ConversationRow, x: number, y: number) => void;
}

/** One conversation in the list. */
export const Row = memo(function Row({ row, me, now, online, selected, focusable, onOpen, onMenu }: RowProps): ReactElement {
  const title = titleOf(row);
  const notes = isNotes(row, me);
  const tick = row.draft === null ? tickOf(row) : null;
  const when = row.last === null ? null : row.last.at;
  const menu = (event: MouseEvent) => {
    event.preventDefault();
    onMenu(row, event.clientX, event.clientY);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "ContextMenu" && !(event.shiftKey && event.key === "F10")) return;
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    onMenu(row, box.left + 48, box.top + 24);
  };
  return (
      <a
        href={`#/c/${row.id}`}
        className={cx(styles.row, row.unread > 0 && styles.hasUnread)}
        aria-current={selected ? "page" : undefined}
        tabIndex={focusable ? 0 : -1}
        data-testid={testIds.row}
        data-id={row.id}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onOpen(row);
        }}
        onContextMenu={menu}
        onKeyDown={key}
      >
        <Avatar
          {...faceOf(row, me)}
          size="lg"
          online={online && !notes}
          onlineTestId={testIds.rowPresence}
        />
        <span className={styles.words}>
          <span className={styles.first}>
            <span className={styles.title}>
              <bdi>{title}</bdi>
              {online && !notes && <Hidden>{`, ${text.list.online}`}</Hidden>}
            </span>
            {row.muted && (
              <span className={styles.mute} role="img" aria-label={text.notify.muted} title={text.notify.muted} data-testid={testIds.rowMuted}>
                <Icon name="bellOff" size={14} />
              </span>
            )}
            {tick !== null && <Ticks state={tick} label={text.list.state[tick]} testId={testIds.rowReceipt} />}
            {when !== null && (
              <time className={styles.when} dateTime={new Date(when).toISOString()} title={formatFull(when)}>
                {formatWhen(when, now)}
              </time>
            )}
          </span>
          <span className={styles.second}>
            <span className={styles.preview} data-gone={row.role === null || undefined}>
              <Preview row={row} me={me} />
            </span>
            <Badges row={row} />
          </span>
        </span>
      </a>
  );
});
