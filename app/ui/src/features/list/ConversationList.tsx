import { useCallback, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import type { UserId } from "../../bridge/generated/UserId";
import { useNow } from "../../hooks/useNow";
import { useQuery } from "../../hooks/useQuery";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { anchorAt, Button, Empty, MenuPopup, SkeletonRows, VirtualList, type MenuAnchor, type VirtualListHandle } from "../../ui";
import styles from "./List.module.css";
import { Row } from "./Row";
import { useRowActions } from "./useRowActions";

const PAGE = 8;

interface ConversationListProps {
  me: UserId | null;
  /** The open conversation. */
  selected: ConversationId | null;
  onOpen: (conversation: ConversationId) => void;
  onNew: () => void;
}

/** Where a key leads among the rows; `null` if nowhere. */
function target({ key, altKey, ctrlKey, metaKey }: KeyboardEvent, at: number, count: number): number | null {
  if (altKey || ctrlKey || metaKey || at < 0) return null;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 }[key];
  return to === undefined ? null : Math.max(0, Math.min(to, count - 1));
}

/** The conversations, newest first. */
export function ConversationList({ me, selected, onOpen, onNew }: ConversationListProps): ReactElement {
  const { data, problem, refresh } = useQuery({ type: "conversations", hidden: true });
  const presence = useQuery({ type: "presence" });
  const now = useNow(60_000);
  const [showHidden, setShowHidden] = useState(false);
  const [focused, setFocused] = useState<ConversationId | null>(null);
  const [menu, setMenu] = useState<{ id: ConversationId; anchor: MenuAnchor } | null>(null);
  const scroller = useRef<HTMLElement>(null);
  const list = useRef<VirtualListHandle>(null);

  const online = useMemo(
    () => new Set(presence.data?.users.filter((user) => user.online).map((user) => user.user)),
    [presence.data],
  );
  const open = useCallback((row: ConversationRow) => onOpen(row.id), [onOpen]);
  const openMenu = useCallback((row: ConversationRow, x: number, y: number) => setMenu({ id: row.id, anchor: anchorAt(x, y) }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const scrolled = useCallback(() => scroller.current, []);
  const actions = useRowActions();

  if (data === undefined) {
    if (problem === undefined) return <SkeletonRows label={text.common.loading} />;
    return (
      <Empty icon="alert" alert title={text.list.failedToLoad} action={<Button onClick={refresh}>{text.common.retry}</Button>}>
        {problemText(problem)}
      </Empty>
    );
  }

  const hidden = data.rows.filter((row) => row.hidden);
  const rows = showHidden ? data.rows : data.rows.filter((row) => !row.hidden || row.id === selected);
  // One row takes the Tab: the focused one, else the open one, else the first.
  const stop = [focused, selected].find((id) => id !== null && rows.some((row) => row.id === id)) ?? rows[0]?.id;
  const menuRow = menu === null ? undefined : data.rows.find((row) => row.id === menu.id);

  return (
    <nav ref={scroller} className={styles.list} aria-label={text.list.title} data-testid={testIds.list}>
      {rows.length === 0 ? (
        <Empty
          icon="users"
          title={hidden.length > 0 ? text.list.empty.none : text.list.empty.title}
          testId={testIds.listEmpty}
          action={
            <Button kind="primary" icon="plus" onClick={onNew}>
              {text.list.empty.action}
            </Button>
          }
        >
          {text.list.empty.text}
        </Empty>
      ) : (
        <VirtualList
          ref={list}
          scroller={scrolled}
          count={rows.length}
          keep={rows.findIndex((row) => row.id === stop)}
          keyOf={(index) => rows[index]?.id ?? ""}
          onKeyDown={(event) => {
            const to = target(event, rows.findIndex((row) => row.id === focused), rows.length);
            if (to === null) return;
            event.preventDefault();
            list.current?.focus(to);
          }}
          onFocus={(event) => setFocused(event.target.dataset["id"] ?? null)}
          row={(index) => {
            const row = rows[index];
            if (row === undefined) return <></>;
            return (
              <Row
                row={row}
                me={me}
                now={now}
                online={row.kind === "direct" && row.peer !== null && online.has(row.peer.id)}
                selected={row.id === selected}
                focusable={row.id === stop}
                onOpen={open}
                onMenu={openMenu}
              />
            );
          }}
        />
      )}
      {hidden.length > 0 && (
        <Button kind="quiet" icon={showHidden ? "hide" : "show"} className={styles.hiddenToggle ?? ""} onClick={() => setShowHidden(!showHidden)} data-testid={testIds.listShowHidden}>
          {showHidden ? text.list.concealHidden : text.list.showHidden(hidden.length)}
        </Button>
      )}
      {menu !== null && menuRow !== undefined && (
        <MenuPopup label={text.list.rowMenu(menuRow.title)} anchor={menu.anchor} items={actions(menuRow)} onClose={closeMenu} />
      )}
    </nav>
  );
}
