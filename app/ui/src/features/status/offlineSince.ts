import { useState } from "react";
import type { Connection } from "../../bridge/generated/Connection";

interface Seen {
  connection: Connection;
  since: number | null;
}

function next(before: Seen, connection: Connection): Seen {
  if (connection === "online") return { connection, since: null };
  return { connection, since: before.since ?? (before.connection === "online" ? Date.now() : null) };
}

/**
 * Since when there is no connection. Known only if this page saw it go: a page that opened offline says just "offline",
 * for it cannot know since when.
 */
export function useOfflineSince(connection: Connection): number | null {
  const [seen, setSeen] = useState<Seen>({ connection, since: null });
  if (seen.connection !== connection) setSeen((before) => next(before, connection));
  return seen.since;
}
