import { useMemo } from "react";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { User } from "../../../bridge/generated/User";
import type { WindowView } from "../../../bridge/generated/WindowView";
import { useQuery } from "../../../hooks/useQuery";
import type { Mentionables } from "../../../text/markdown";
import { mentionables } from "../model/mentions";

/** Those whom the messages in view may mention: the members, and whoever is mentioned and has left since. */
export function useMentionables(members: readonly MemberRow[], view: WindowView | undefined): Mentionables {
  const asked = members.length > 0 && left(members, view);
  const known = useQuery(asked ? { type: "known_users" } : null).data?.users;
  // The same people in a new object are no change: it would draw every message again.
  const key = useMemo(() => JSON.stringify([...(known ?? []), ...members.map((member) => member.user)]), [known, members]);
  return useMemo(() => mentionables(JSON.parse(key) as User[]), [key]);
}

function left(members: readonly MemberRow[], view: WindowView | undefined): boolean {
  const there = new Set(members.map((member) => member.user.id));
  return (view?.items ?? []).some(
    (item) =>
      item.type === "message" &&
      item.message.content?.type === "text" &&
      (item.message.content.mentions ?? []).some((user) => !there.has(user)),
  );
}
