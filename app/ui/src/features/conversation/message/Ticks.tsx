import type { ReactElement } from "react";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { Icon } from "../../../ui";
import styles from "./Ticks.module.css";

/** How far an own message has come, told apart by `data-state`. */
export type Reach = "pending" | "failed" | "sent" | "delivered" | "read";

/** How far an own message has come with everybody. */
export function reachOf({ state, receipt }: Pick<MessageRow, "state" | "receipt">): Reach {
  if (state.type !== "sent") return state.type;
  if (receipt.of === 0) return "sent";
  if (receipt.read >= receipt.of) return "read";
  return receipt.delivered >= receipt.of ? "delivered" : "sent";
}

/** The same in words, with the part of a group that it has reached. */
export function reachText({ state, receipt }: Pick<MessageRow, "state" | "receipt">): string {
  const t = text.conversation.state;
  if (state.type === "failed") return t.failedBecause(problemText(state.problem));
  const reach = reachOf({ state, receipt });
  if (reach === "pending" || reach === "read" || receipt.of < 2) return t[reach === "failed" ? "failed" : reach];
  if (receipt.read > 0) return t.readBy(receipt.read, receipt.of);
  return receipt.delivered > 0 && reach === "sent"
    ? t.deliveredTo(receipt.delivered, receipt.of)
    : t[reach === "failed" ? "failed" : reach];
}

/** The mark of how far an own message has come: a clock, one tick, two, or two in colour. */
export function Ticks({ message }: { message: Pick<MessageRow, "state" | "receipt"> }): ReactElement {
  const reach = reachOf(message);
  const words = reachText(message);
  return (
    <span
      className={styles.ticks}
      data-state={reach}
      data-testid={testIds.messageState}
      title={words}
      role="img"
      aria-label={words}
    >
      {reach === "pending" && <Icon name="clock" size={13} />}
      {reach === "failed" && <Icon name="alert" size={14} />}
      {reach !== "pending" && reach !== "failed" && (
        <svg className={styles.svg} width="18" height="12" viewBox="0 0 18 12" aria-hidden="true">
          <path d="M1.500 6.500l3.200 3.300 6.300-7.600" />
          {reach !== "sent" && <path d="M8 9.600l.4.2 6.600-7.600" />}
        </svg>
      )}
    </span>
  );
}
