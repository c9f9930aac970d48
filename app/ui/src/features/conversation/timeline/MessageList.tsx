import {
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useCallback,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import type { UserId } from "../../../bridge/generated/UserId";
import { useNow } from "../../../hooks/useNow";
import { eventText, formatDay, text } from "../../../text";
import { testIds } from "../../../testids";
import { cx, Icon } from "../../../ui";
import { MessageItem } from "../message/MessageItem";
import { layOut, type Row } from "../model/grouping";
import { allowed, useShared } from "../parts/context";
import { Hole } from "./Hole";
import styles from "./MessageList.module.css";
import type { Goal, Seen } from "./scrollKeeper";
import { useLongPress } from "./useLongPress";
import { useReading } from "./useReading";
import { useScroll } from "./useScroll";
import type { WindowHandle } from "./useWindow";

/** What the screen can ask of the list. */
export interface ListHandle {
  jump: (seq: number, focus?: boolean) => void;
  toNewest: () => void;
  /** One has written: what was unread is seen, and the end is where one looks. */
  wrote: () => void;
  focus: () => void;
}

interface MessageListProps {
  conversation: ConversationId;
  title: string;
  window: WindowHandle;
  first: Goal;
  unread: number;
  unreadMore: boolean;
  empty: ReactElement;
  ref: Ref<ListHandle>;
}

const MINUTE_MS = 60_000;
/** What is loaded lies around the seq that is asked for: asked for its edge, half of it would be held already. */
const HALF_A_LOAD = 29;

interface Want {
  key: string;
  seq: number;
}

/** What a system message tells. */
function happened({ event, content, ...message }: MessageRow, me: UserId | null): string {
  // The names of those whom it befell may not be here yet.
  const row = event ?? (content?.type === "system" ? { event: content.event, names: [] } : null);
  return eventText(row, { id: message.sender, name: message.sender_name, own: message.own }, me);
}

/** Which hole is near what is seen, and where to begin with it. */
function wanted({ hole, goal, up, top, height }: Seen): Want | null {
  if (hole === null) return null;
  const key = hole.dataset["key"] ?? "";
  const [from, to] = [Number(hole.dataset["hole"]), Number(hole.dataset["to"])];
  if (goal !== null && from <= goal && goal <= to) return { key, seq: goal };
  // Coming from below its end is met first.
  const below = hole.offsetTop >= top + height;
  const above = hole.offsetTop + hole.offsetHeight <= top;
  return { key, seq: above || (up && !below) ? Math.max(from, to - HALF_A_LOAD) : Math.min(to, from + HALF_A_LOAD) };
}

/** The messages of a conversation: a bounded part of them in the page, the rest behind spacers. */
export function MessageList({
  conversation,
  title,
  window,
  first,
  unread,
  unreadMore,
  empty,
  ref,
}: MessageListProps): ReactElement {
  const shared = useShared();
  const now = useNow(MINUTE_MS);
  const { view } = window;
  const { onSeen: onRead, divider, clearDivider } = useReading(conversation, view);
  const rows = useMemo(() => layOut(view?.items ?? [], divider), [view, divider]);
  const messages = useMemo(() => rows.flatMap((row) => (row.kind === "message" ? [row.message] : [])), [rows]);
  const [want, setWant] = useState<Want | null>(null);
  const onSeen = useCallback(
    (seen: Seen) => {
      onRead(seen);
      const next = wanted(seen);
      setWant((last) => (last?.key === next?.key && last?.seq === next?.seq ? last : next));
    },
    [onRead],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const bottom = useRef<HTMLDivElement>(null);
  const [refs] = useState(() => ({ scroller, content, top, bottom }));
  const { atBottom, topAt, onScroll, onRelease, aim, toNewest } = useScroll(
    refs,
    conversation,
    window,
    rows,
    first,
    onSeen,
  );

  const [chosen, setChosen] = useState<string | null>(null);
  const current = messages.find((message) => message.id === chosen)?.id ?? messages.at(-1)?.id ?? null;
  const element = useCallback(
    (id: string | null): HTMLElement | null =>
      id === null ? null : (content.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`) ?? null),
    [],
  );
  const jump = useCallback((seq: number, focus = false) => aim({ type: "seq", seq, flash: true, focus }), [aim]);
  useImperativeHandle(
    ref,
    () => ({
      jump,
      toNewest,
      wrote: () => {
        clearDivider();
        toNewest();
      },
      focus: () => element(current)?.focus(),
    }),
    [clearDivider, current, element, jump, toNewest],
  );

  const press = useLongPress((target, at) => {
    const id = target.closest<HTMLElement>("[data-message]")?.dataset["message"];
    const message = messages.find((one) => one.id === id);
    if (!message) return false;
    shared.actions.menu(message, at);
    return true;
  });

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    const id = target.dataset["message"];
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = messages.findIndex((message) => message.id === id);
    const message = messages[index];
    if (message && act(event.key, message, index, target)) event.preventDefault();
  };
  const act = (key: string, message: MessageRow, index: number, target: HTMLElement): boolean => {
    const may = allowed(message, shared);
    const go = (to: number) => {
      const next = element(messages[to]?.id ?? null);
      next?.focus({ preventScroll: true });
      next?.scrollIntoView({ block: "nearest" });
      return next !== null;
    };
    const open = () => {
      const box = target.getBoundingClientRect();
      shared.actions.menu(message, { x: box.left + 16, y: Math.min(box.bottom, globalThis.innerHeight - 80) });
      return true;
    };
    switch (key) {
      case "ArrowUp":
        return go(index - 1);
      case "ArrowDown":
        return go(index + 1);
      case "Home":
        return go(0);
      case "End":
        toNewest();
        return go(messages.length - 1);
      case "Enter":
      case " ":
      case "ContextMenu":
        return open();
      case "r":
      case "R":
        if (may.reply) shared.actions.reply(message);
        return may.reply;
      case "e":
      case "E":
        if (may.edit) shared.actions.edit(message);
        return may.edit;
      case "Delete":
      case "Backspace":
        if (may.remove) shared.actions.remove(message);
        return may.remove;
      default:
        return false;
    }
  };

  const row = (entry: Row): ReactElement => {
    switch (entry.kind) {
      case "day":
        return (
          <div
            key={entry.key}
            data-key={entry.key}
            role="listitem"
            data-day
            className={styles.day}
            data-testid={testIds.daySeparator}
          >
            <span>{formatDay(entry.at, now)}</span>
          </div>
        );
      case "unread":
        return (
          <div
            key={entry.key}
            data-key={entry.key}
            className={styles.unread}
            role="listitem"
            data-testid={testIds.unreadDivider}
          >
            <span>{text.conversation.newMessages}</span>
          </div>
        );
      case "hole":
        return (
          <div key={entry.key} role="listitem" data-key={entry.key} data-hole={entry.from} data-to={entry.to}>
            <Hole
              conversation={conversation}
              from={entry.from}
              to={entry.to}
              want={want?.key === entry.key ? Math.min(entry.to, Math.max(entry.from, want.seq)) : null}
            />
          </div>
        );
      case "system":
        return (
          <div
            key={entry.key}
            data-key={entry.key}
            data-seq={entry.message.seq ?? undefined}
            data-at={entry.message.at}
            role="listitem"
            className={styles.system}
            data-testid={testIds.systemMessage}
          >
            <span dir="auto">{happened(entry.message, shared.me)}</span>
          </div>
        );
      case "message":
        return (
          <div
            key={entry.key}
            data-key={entry.key}
            data-seq={entry.message.seq ?? undefined}
            data-at={entry.message.at}
            role="listitem"
            className={styles.message}
          >
            <MessageItem
              message={entry.message}
              first={entry.first}
              last={entry.last}
              current={entry.key === current}
            />
          </div>
        );
    }
  };

  const nothing = view !== undefined && rows.length === 0 && view.at_start && view.at_end;
  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        data-testid={testIds.messageList}
        onScroll={onScroll}
        onWheel={onRelease}
        onKeyDown={onKeyDown}
        onContextMenu={press.onContextMenu}
        onPointerDown={(event) => {
          onRelease();
          press.onPointerDown(event);
        }}
        onPointerMove={press.onPointerMove}
        onPointerUp={press.onPointerEnd}
        onPointerCancel={press.onPointerEnd}
        onFocus={(event) => {
          const id = event.target.dataset["message"];
          if (id !== undefined) setChosen(id);
        }}
      >
        <div ref={top} className={styles.spacer} aria-hidden="true" />
        <div
          ref={content}
          className={cx(styles.content, nothing && styles.nothing)}
          role="list"
          aria-label={text.conversation.messages(title)}
        >
          {rows.map(row)}
        </div>
        <div ref={bottom} className={styles.spacer} aria-hidden="true" />
        {nothing && empty}
      </div>
      {topAt !== null && !atBottom && (
        <div className={styles.floating} aria-hidden="true">
          <span>{formatDay(topAt, now)}</span>
        </div>
      )}
      {view !== undefined && !(atBottom && view.at_end) && (
        <button
          type="button"
          className={styles.newest}
          aria-label={text.conversation.jumpToNewest(unread, unreadMore)}
          title={text.conversation.jumpToNewest(unread, unreadMore)}
          data-testid={testIds.jumpToNewest}
          onClick={toNewest}
        >
          <Icon name="down" size={22} />
          {unread > 0 && <span className={styles.badge}>{text.conversation.unreadCount(unread, unreadMore)}</span>}
        </button>
      )}
    </div>
  );
}
