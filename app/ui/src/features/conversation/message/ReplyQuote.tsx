import type { ReactElement } from "react";
import type { ReplyRow } from "../../../bridge/generated/ReplyRow";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import { type Mentionables, plain } from "../../../text/markdown";
import { useShared } from "../parts/context";
import styles from "./ReplyQuote.module.css";

/** What an answered message says, in brief. */
export function replyText(reply: ReplyRow, people: Mentionables): string {
  const t = text.conversation;
  if (reply.what === "deleted") return t.deletedMessage;
  if (reply.what === "text") return plain(reply.text, people);
  return reply.sender_name === "" ? t.elsewhere : t.unknownContent;
}

/** The answered message above an answer; leads to it. */
export function ReplyQuote({ reply }: { reply: ReplyRow }): ReactElement {
  const { actions, people } = useShared();
  const name = reply.own ? text.conversation.you : reply.sender_name;
  return (
    <button
      type="button"
      className={styles.quote}
      tabIndex={-1}
      data-testid={testIds.replyQuote}
      disabled={reply.seq === null}
      onClick={() => {
        if (reply.seq !== null) actions.jump(reply.seq);
      }}
    >
      {name !== "" && <bdi className={styles.name}>{name}</bdi>}
      <span className={styles.text} dir="auto">
        {replyText(reply, people)}
      </span>
    </button>
  );
}
