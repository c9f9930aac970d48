import type { UserId } from "../../bridge/generated/UserId";
import { useNow } from "../../hooks/useNow";
import { useQuery } from "../../hooks/useQuery";
import { formatAgo, text } from "../../text";

/** "online", "last seen 5 minutes ago", or nothing where it is not known. */
export function useLastSeen(user: UserId | null): string | null {
  const { data } = useQuery({ type: "presence" });
  const now = useNow(60_000);
  const row = data?.users.find((other) => other.user === user);
  if (row === undefined) return null;
  if (row.online) return text.group.online;
  return row.last_seen === null ? null : text.group.lastSeen(formatAgo(row.last_seen, now));
}
