import { memo, type ReactElement, type ReactNode, useState } from "react";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { formatFull, formatTime, problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { Avatar, cx, hueOf, Icon, IconButton } from "../../../ui";
import { isBigEmoji, type Mentionables, plain } from "../../../text/markdown";
import { mentionedIn } from "../model/mentions";
import { allowed, type Shared, useShared } from "../parts/context";
import { Markdown } from "./Markdown";
import styles from "./MessageItem.module.css";
import { Reactions } from "./Reactions";
import { ReplyQuote, replyText } from "./ReplyQuote";
import { Ticks, reachText } from "./Ticks";

interface MessageItemProps {
  message: MessageRow;
  first: boolean;
  last: boolean;
  /** It is the one that Tab reaches. */
  current: boolean;
}

/** A message's text for where there is no room for its form. */
export function bodyText(message: MessageRow, people: Mentionables): string {
  const t = text.conversation;
  if (message.content === null) return t.deletedMessage;
  return message.content.type === "text" ? plain(message.content.text, mentionedIn(message, people)) : t.unknownContent;
}

/** All that a screen reader says of a message. */
function spoken(message: MessageRow, people: Mentionables): string {
  const t = text.conversation;
  const more: string[] = [];
  if (message.reply) more.push(t.spokenReply(message.reply.sender_name, replyText(message.reply, people)));
  if (message.edited) more.push(t.edited);
  if (message.own) more.push(reachText(message));
  for (const reaction of message.reactions) more.push(t.reactions.by(reaction.names, reaction.count, reaction.emoji));
  return t.spoken(message.own ? t.you : message.sender_name, bodyText(message, people), formatTime(message.at), more);
}

function Meta({ message }: { message: MessageRow }): ReactElement {
  const t = text.conversation;
  const changing = message.change !== null && message.change.problem === null && message.change.op !== "react";
  return (
    <span className={styles.meta} aria-hidden="true">
      {message.edited && <span dir="auto">{t.edited}</span>}
      {changing && (
        <span className={styles.changing} title={t.state.changing}>
          <Icon name="clock" size={13} />
        </span>
      )}
      <time dir="auto" dateTime={new Date(message.at).toISOString()} title={formatFull(message.at)}>
        {formatTime(message.at)}
      </time>
      {message.own && <Ticks message={message} />}
    </span>
  );
}

function Body({ message, shared }: { message: MessageRow; shared: Shared }): ReactElement {
  const t = text.conversation;
  const meta = <Meta message={message} />;
  const { content } = message;
  if (content?.type === "text") {
    return <Markdown text={content.text} people={mentionedIn(message, shared.people)} me={shared.me} tail={meta} />;
  }
  return (
    <p className={styles.notice} data-testid={content === null ? testIds.messageDeleted : undefined}>
      <Icon name={content === null ? "block" : "info"} size={16} />
      <span>{content === null ? t.deletedMessage : t.unknownContent}</span>
      {meta}
    </p>
  );
}

/** What went wrong with a message or a change of it, and what to do. */
function Trouble({ message, shared }: { message: MessageRow; shared: Shared }): ReactNode {
  const t = text.conversation;
  const failed = message.state.type === "failed" ? message.state.problem : null;
  const change = message.change?.problem ? message.change : null;
  if (!failed && !change) return null;
  const id = failed ? message.id : (change?.command ?? message.id);
  const why = problemText(failed ?? change?.problem ?? { code: "", message: "" });
  const says = failed
    ? t.state.failedBecause(why)
    : change?.op === "edit"
      ? t.state.editFailed(why)
      : change?.op === "delete"
        ? t.state.deleteFailed(why)
        : t.state.reactFailed(why);
  return (
    <div className={styles.trouble} data-testid={testIds.messageTrouble}>
      <span>{says}</span>
      <span className={styles.troubleActions}>
        <button type="button" data-testid={testIds.messageRetry} onClick={() => shared.actions.retry(id)}>
          {failed ? t.actions.retry : t.actions.retryChange}
        </button>
        <button type="button" data-testid={testIds.messageDiscard} onClick={() => shared.actions.discard(id)}>
          {t.actions.discard}
        </button>
      </span>
    </div>
  );
}

function Hover({ message, shared }: { message: MessageRow; shared: Shared }): ReactElement {
  const t = text.conversation.actions;
  const may = allowed(message, shared);
  const below = (element: HTMLElement) => {
    const box = element.getBoundingClientRect();
    return { x: box.left, y: box.bottom + 4 };
  };
  return (
    <div className={styles.hover}>
      {may.react && (
        <IconButton
          icon="react"
          label={t.react}
          size={18}
          tabIndex={-1}
          data-testid={testIds.messageReact}
          onClick={(event) => shared.actions.pickEmoji(message, below(event.currentTarget))}
        />
      )}
      {may.reply && (
        <IconButton
          icon="reply"
          label={t.reply}
          size={18}
          tabIndex={-1}
          data-testid={testIds.messageReply}
          onClick={() => shared.actions.reply(message)}
        />
      )}
      <IconButton
        icon="more"
        label={t.more}
        size={18}
        tabIndex={-1}
        data-testid={testIds.messageMore}
        onClick={(event) => shared.actions.menu(message, below(event.currentTarget))}
      />
    </div>
  );
}

function MessageItemBase({ message, first, last, current }: MessageItemProps): ReactElement {
  const shared = useShared();
  const group = shared.kind === "group" && !message.own;
  const name = message.sender_name || text.common.deletedUser;
  // Three buttons in each of all the messages would be half of the page, for the one that the pointer is over.
  const [pointedAt, setPointedAt] = useState(false);
  const big = message.content?.type === "text" && message.reply === null && isBigEmoji(message.content.text);
  return (
    <div
      className={cx(
        styles.row,
        message.own ? styles.own : styles.other,
        first && styles.first,
        last && styles.last,
        group && styles.group,
      )}
      onPointerEnter={() => setPointedAt(true)}
    >
      {group && <span className={styles.face}>{last && <Avatar id={message.sender} name={name} size="sm" />}</span>}
      <div
        className={cx(
          styles.bubble,
          big && styles.big,
          message.content === null && styles.gone,
          message.state.type === "failed" && styles.failed,
          message.mentions_me && styles.forMe,
        )}
        role="article"
        aria-label={spoken(message, shared.people)}
        tabIndex={current ? 0 : -1}
        data-message={message.id}
        data-testid={testIds.message}
        data-id={message.id}
        data-own={message.own}
        data-pending={message.state.type === "pending" || undefined}
      >
        {group && first && (
          <bdi className={styles.name} data-hue={hueOf(message.sender)}>
            {name}
          </bdi>
        )}
        {message.reply && <ReplyQuote reply={message.reply} />}
        <div className={styles.body} data-testid={testIds.messageBody}>
          <Body message={message} shared={shared} />
        </div>
        {message.reactions.length > 0 && <Reactions message={message} />}
        <Trouble message={message} shared={shared} />
        {pointedAt && message.content !== null && <Hover message={message} shared={shared} />}
      </div>
    </div>
  );
}

// Every answer brings new objects; a message that says the same is not drawn again.
const written = new WeakMap<MessageRow, string>();
function writtenOut(message: MessageRow): string {
  let value = written.get(message);
  if (value === undefined) {
    value = JSON.stringify(message);
    written.set(message, value);
  }
  return value;
}

/** One message: its bubble, reactions, and what can be done with it. */
export const MessageItem = memo(
  MessageItemBase,
  (one, other) =>
    one.first === other.first &&
    one.last === other.last &&
    one.current === other.current &&
    (one.message === other.message || writtenOut(one.message) === writtenOut(other.message)),
);
