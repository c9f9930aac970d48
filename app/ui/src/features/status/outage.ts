import { useState } from "react";
import type { Problem } from "../../bridge/generated/Problem";
import type { SessionView } from "../../bridge/generated/SessionView";

/** That there is no connection, as it was told last. */
export interface Outage {
  /** Since when. Known only if this page saw the connection go: a page that opened offline cannot know. */
  since: number | null;
  problem: Problem | null;
  /** When the next try is due, in milliseconds since 1970; null if only a person brings one about. */
  retryAt: number | null;
}

interface Seen {
  session: SessionView;
  since: number | null;
  outage: Outage | null;
}

function next(before: Seen, session: SessionView): Seen {
  if (session.connection === "online") return { session, since: null, outage: null };
  const since = before.since ?? (before.session.connection === "online" ? Date.now() : null);
  // A try in between changes nothing yet: most fail at once, and what comes and goes with each of them is noise.
  if (session.connection === "connecting") return { session, since, outage: before.outage };
  return { session, since, outage: { since, problem: session.problem, retryAt: session.retry_at } };
}

/** The outage, over all tries to end it; null while there is none. */
export function useOutage(session: SessionView): Outage | null {
  const [seen, setSeen] = useState<Seen>(() => next({ session, since: null, outage: null }, session));
  if (seen.session !== session) setSeen((before) => next(before, session));
  return seen.outage;
}
