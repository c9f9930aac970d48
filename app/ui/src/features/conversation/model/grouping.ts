/**
 * What a window's items look like as rows: day separators, the unread divider, and messages of one person in a row
 * drawn as one group. Pure: the same items give the same rows with the same keys.
 */
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import type { WindowItem } from "../../../bridge/generated/WindowItem";

/** A row of the list. `key` is stable as long as it means the same thing. */
export type Row =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "hole"; key: string; from: number; to: number }
  | { kind: "system"; key: string; message: MessageRow }
  | { kind: "message"; key: string; message: MessageRow; first: boolean; last: boolean };

/** Messages of one person further apart than this start a new group, in milliseconds. */
export const GROUP_GAP_MS = 5 * 60_000;

/** A number that is the same for two times of the same local day, and only for those. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate();
}

function isSystem(message: MessageRow): boolean {
  return message.content?.type === "system" || message.event !== null;
}

function together(one: MessageRow, next: MessageRow): boolean {
  return one.sender === next.sender && next.at - one.at < GROUP_GAP_MS && !isSystem(one) && !isSystem(next);
}

/** Lays the items out. `divider` is the seq before which "new messages" stands, or null. */
export function layOut(items: readonly WindowItem[], divider: number | null): Row[] {
  const rows: Row[] = [];
  let before: MessageRow | null = null;
  let day: number | null = null;
  const days = new Set<number>();
  let divided = divider === null;
  const closeGroup = (): void => {
    const last = rows.at(-1);
    if (last?.kind === "message") last.last = true;
    before = null;
  };
  for (const item of items) {
    if (item.type === "hole") {
      closeGroup();
      // By its end: a hole that is filled from one side keeps its key, and so its place.
      rows.push({ kind: "hole", key: `hole-${item.to_seq}`, from: item.from_seq, to: item.to_seq });
      continue;
    }
    const { message } = item;
    const today = dayOf(message.at);
    if (today !== day) {
      closeGroup();
      // A clock that ran backwards may bring a day twice; its key may not come twice.
      const again = days.has(today) ? `-${message.id}` : "";
      days.add(today);
      rows.push({ kind: "day", key: `day-${today}${again}`, at: message.at });
      day = today;
    }
    if (!divided && divider !== null && message.seq !== null && message.seq >= divider) {
      closeGroup();
      rows.push({ kind: "unread", key: "unread" });
      divided = true;
    }
    if (isSystem(message)) {
      closeGroup();
      rows.push({ kind: "system", key: message.id, message });
      continue;
    }
    const previous: MessageRow | null = before;
    const joins = previous !== null && together(previous, message);
    const last = rows.at(-1);
    if (last?.kind === "message") last.last = !joins;
    rows.push({ kind: "message", key: message.id, message, first: !joins, last: true });
    before = message;
  }
  return rows;
}
