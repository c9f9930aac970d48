import type { ConversationRow } from "../bridge/generated/ConversationRow";
import type { UserId } from "../bridge/generated/UserId";
import { en } from "./en";

/** What a conversation is called on the screen. */
export function titleOf(row: ConversationRow): string {
  if (row.title !== "") return row.title;
  return row.peer?.deleted === true ? en.common.deletedUser : en.common.notesToSelf;
}

/** It is the conversation with oneself. */
export function isNotes(row: ConversationRow, me: UserId | null | undefined): boolean {
  return row.kind === "direct" && row.peer !== null && row.peer.id === me;
}

/** What a conversation's avatar is made of, the same wherever it stands. */
export function faceOf(row: ConversationRow, me: UserId | null | undefined): { id: string; name: string; square: boolean; icon?: "bookmark" } {
  return {
    id: row.peer?.id ?? row.id,
    name: titleOf(row),
    square: row.kind === "group",
    ...(isNotes(row, me) ? { icon: "bookmark" as const } : {}),
  };
}

/** A name for comparing: without marks and capitals. */
export function fold(word: string): string {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
