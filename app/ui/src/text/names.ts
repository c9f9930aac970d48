import type { ConversationRow } from "../bridge/generated/ConversationRow";
import { en } from "./en";

/** What a conversation is called on the screen. */
export function titleOf(row: ConversationRow): string {
  if (row.title !== "") return row.title;
  return row.peer?.deleted === true ? en.common.deletedUser : en.common.notesToSelf;
}

/** A name for comparing: without marks and capitals. */
export function fold(word: string): string {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
