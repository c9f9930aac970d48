import { type ReactElement, useEffect, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import { useBridge } from "../../../hooks/bridge";
import { plain, text } from "../../../text";
import { testIds } from "../../../testids";
import styles from "./Announcer.module.css";

const KEPT = 3;

/** Tells a screen reader what comes in here, once each, without what was there before. */
export function Announcer({ conversation }: { conversation: ConversationId }): ReactElement {
  const bridge = useBridge();
  const [lines, setLines] = useState<{ id: string; words: string }[]>([]);
  useEffect(
    () =>
      bridge.subscribe((event) => {
        if (event.type !== "incoming" || event.conversation !== conversation) return;
        const line = { id: event.message, words: text.conversation.incoming(event.sender_name, plain(event.text)) };
        setLines((before) => [...before.filter((one) => one.id !== line.id), line].slice(-KEPT));
      }),
    [bridge, conversation],
  );
  return (
    <div
      className={styles.live}
      role="log"
      aria-live="polite"
      aria-relevant="additions"
      data-testid={testIds.conversationLive}
    >
      {lines.map((line) => (
        <p key={line.id}>{line.words}</p>
      ))}
    </div>
  );
}
