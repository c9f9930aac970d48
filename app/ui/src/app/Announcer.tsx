import { useEffect, useRef, useState, type ReactElement } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import { useBridge } from "../hooks/bridge";
import { testIds } from "../testids";
import { plain, text } from "../text";
import { Hidden } from "../ui";

const GATHER_MS = 600;

/**
 * Tells a screen reader of new messages in other conversations than the one in view, which tells of its own, the muted
 * ones too: there one listens. Elsewhere a person hears of what they want to be told of and nothing else. What comes within
 * a moment is told together, so that a burst does not talk for minutes.
 */
export function Announcer({ inView }: { inView: ConversationId | null }): ReactElement {
  const bridge = useBridge();
  const [told, setTold] = useState({ number: 0, words: "" });
  const latest = useRef(inView);
  useEffect(() => {
    latest.current = inView;
  }, [inView]);
  useEffect(() => {
    let gathered: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      const words = gathered.length > 2 ? text.shell.incomingMany(gathered.length) : gathered.join(". ");
      setTold((before) => ({ number: before.number + 1, words }));
      gathered = [];
    };
    const stop = bridge.subscribe((event) => {
      if (event.type !== "incoming" || !event.notify || event.conversation === latest.current) return;
      gathered.push(text.shell.incoming(event.sender_name, event.title, plain(event.text)));
      timer ??= setTimeout(tell, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [bridge]);
  return (
    <div role="log" aria-live="polite" data-testid={testIds.liveRegion}>
      {/* A new one each time: the same words in the same place would be no change, and not be heard. */}
      <Hidden key={told.number}>{told.words}</Hidden>
    </div>
  );
}
