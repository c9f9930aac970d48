import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import { fold, titleOf } from "../../text";

/** How well a name fits: 0 begins with it, 1 a word begins with it, 2 it stands within; nothing if not. */
function fit(row: ConversationRow, query: string): number | undefined {
  const name = fold(titleOf(row));
  if (name.startsWith(query)) return 0;
  if (name.split(/[\s_.-]+/u).some((word) => word.startsWith(query))) return 1;
  if (name.includes(query) || row.peer?.username.includes(query) === true) return 2;
  return undefined;
}

/** The conversations that a text may mean, the best first; among equals the newest. */
export function rank(rows: readonly ConversationRow[], typed: string): ConversationRow[] {
  const query = fold(typed.trim().replace(/^@/, ""));
  if (query === "") return rows.filter((row) => !row.hidden);
  return rows
    .map((row) => ({ row, fit: fit(row, query) }))
    .filter((entry): entry is { row: ConversationRow; fit: number } => entry.fit !== undefined)
    .sort((a, b) => a.fit - b.fit || b.row.sort_at - a.row.sort_at)
    .map((entry) => entry.row);
}
