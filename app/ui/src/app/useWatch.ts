import { useEffect, useMemo } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import type { UserId } from "../bridge/generated/UserId";
import { useBridge } from "../hooks/bridge";
import { useQuery } from "../hooks/useQuery";
import { useSession } from "../hooks/useSession";

/** As the relay allows in one `watch`. */
const WATCH_USERS = 500;
const FROM_LIST = 200;
const SETTLE_MS = 150;

/**
 * Tells the client what this screen shows: the conversation in view (for typing; the native app is silent about it) and
 * the users in sight (for presence), those of the open conversation first. Asked again when it changes, and when another
 * tab has taken over. `covered`: the details lie over the conversation, so that its members are in sight and it is not.
 */
export function useWatch(conversation: ConversationId | null, covered: boolean): void {
  const bridge = useBridge();
  const list = useQuery({ type: "conversations", hidden: false });
  const members = useQuery(conversation === null ? null : { type: "members", conversation });
  const me = useSession()?.user?.id;
  const users = useMemo(() => {
    const seen = new Set<UserId>();
    for (const member of members.data?.members ?? []) if (!member.me) seen.add(member.user.id);
    for (const row of list.data?.rows.slice(0, FROM_LIST) ?? []) if (row.peer !== null && row.peer.id !== me) seen.add(row.peer.id);
    return JSON.stringify([...seen].slice(0, WATCH_USERS));
  }, [list.data, members.data, me]);

  const inView = covered ? null : conversation;
  useEffect(() => {
    const watch = () => {
      // A lost watch costs dots and typing lines, nothing more; the next change sends it again.
      bridge
        .request({ type: "watch", users: JSON.parse(users) as UserId[], ...(inView === null ? {} : { conversation: inView }) })
        .catch(() => undefined);
    };
    const timer = setTimeout(watch, SETTLE_MS);
    const stop = bridge.subscribe((event) => {
      if (event.type === "changed" && event.topics.some((topic) => topic.type === "all")) watch();
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [bridge, inView, users]);

  // Nothing of this account is in view any more. Whoever shows notices would stay silent about what was open last.
  useEffect(
    () => () => {
      bridge.request({ type: "watch", users: [] }).catch(() => undefined);
    },
    [bridge],
  );
}
