import { type ReactElement, useEffect, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import { useBridge } from "../../../hooks/bridge";
import { useQuery } from "../../../hooks/useQuery";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import { Button } from "../../../ui";
import styles from "./Hole.module.css";

interface HoleProps {
  conversation: ConversationId;
  from: number;
  to: number;
  /** Which of its seqs to begin with, once it is near what is seen; null while it is not. */
  want: number | null;
}

const MOST_BONES = 6;

/** Messages that exist and are not held here: their outline, fetched when it comes into view. */
export function Hole({ conversation, from, to, want }: HoleProps): ReactElement {
  const bridge = useBridge();
  const connection = useQuery({ type: "session" }).data?.connection;
  const [failed, setFailed] = useState(false);
  const [tried, setTried] = useState(0);
  const count = to - from + 1;

  // What is fetched changes the hole's ends, and with them this effect asks for the rest.
  useEffect(() => {
    if (want === null || connection === "offline") return;
    let here = true;
    bridge.request({ type: "load", conversation, seq: want }).then(
      () => {
        if (here) setFailed(false);
      },
      () => {
        if (here) setFailed(true);
      },
    );
    return () => {
      here = false;
    };
  }, [bridge, conversation, connection, want, tried]);

  const off = failed || connection === "offline";
  const t = text.conversation.hole;
  return (
    <div className={styles.hole} data-testid={testIds.hole} aria-busy={!off}>
      {Array.from({ length: Math.min(count, MOST_BONES) }, (_, index) => (
        <span key={index} className={styles.bone} data-shape={index % 4} aria-hidden="true" />
      ))}
      <p className={styles.words}>
        {off ? t.failed(count) : t.loading(count)}
        {off && connection !== "offline" && (
          <Button kind="quiet" onClick={() => setTried(tried + 1)}>
            {t.retry}
          </Button>
        )}
      </p>
    </div>
  );
}
