import { useMemo } from "react";
import type { Problem } from "../../bridge/generated/Problem";
import type { User } from "../../bridge/generated/User";
import type { UserId } from "../../bridge/generated/UserId";
import { useDebounced } from "../../hooks/useDebounced";
import { useQuery } from "../../hooks/useQuery";
import { useSession } from "../../hooks/useSession";
import { fold } from "../../text";

const FIND_AFTER_MS = 250;

/** People to pick from. */
export interface People {
  known: User[];
  found: User[];
  /** The relay is being asked. */
  searching: boolean;
  /** The relay cannot be asked. */
  offline: boolean;
  /** Why the relay did not look: it has no directory, or was asked too often. */
  problem: Problem | undefined;
}

/** Whether every word of a query begins or stands in a person's name. */
export function matches(user: User, query: string): boolean {
  const hay = `${fold(user.display_name)} ${user.username}`;
  return fold(query.trim().replace(/^@/, ""))
    .split(/\s+/u)
    .every((word) => hay.includes(word));
}

/** Those whom one knows at once and offline; those whom the relay finds when it can be asked. */
export function usePeople(query: string, without: ReadonlySet<UserId>): People {
  const session = useSession();
  const me = session?.user?.id;
  const online = session?.connection === "online";
  const settled = useDebounced(query.trim().replace(/^@/, ""), FIND_AFTER_MS);
  const known = useQuery({ type: "known_users" });
  const found = useQuery(online && settled !== "" ? { type: "find_users", query: settled } : null);
  const asked = query.trim().replace(/^@/, "");
  const searching = online && asked !== "" && (found.loading || settled !== asked);
  const people = useMemo(() => {
    const fits = (user: User) => user.id !== me && user.deleted !== true && !without.has(user.id);
    const mine = (known.data?.users ?? [])
      .filter((user) => fits(user) && matches(user, query))
      .sort((a, b) => a.display_name.localeCompare(b.display_name));
    const seen = new Set(mine.map((user) => user.id));
    return {
      known: mine,
      found: query.trim() === "" ? [] : (found.data?.users ?? []).filter((user) => fits(user) && !seen.has(user.id)),
    };
  }, [known.data, found.data, query, without, me]);
  return {
    ...people,
    searching,
    offline: session !== undefined && !online,
    problem: searching || asked === "" ? undefined : found.problem,
  };
}
