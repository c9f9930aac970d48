/** The rules of counting members, as the Rust types state them. */
import type { MemberRow } from "./generated/MemberRow";

/** Who is in once everything that waits is done: as the list of them shows it, without those who are to go. */
export function remaining(members: readonly MemberRow[]): MemberRow[] {
  return members.filter((member) => member.pending !== "removing");
}
