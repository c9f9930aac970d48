import { useEffect, useRef, useState, type ReactElement } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import { useBridge } from "../hooks/bridge";
import { testIds } from "../testids";
import { plain, text } from "../text";
import { Hidden } from "../ui";

const GATHER_MS = 600;

/**
 * Tells a screen reader of new messages in other conversations than the open one, which tells of its own. What comes
 * within a moment is told together, so that a burst does not talk for minutes.
 */
export function Announcer({ open }: { open: ConversationId | null }): ReactElement {
  const bridge = useBridge();
  const [words, setWords] = useState("");
  const opened = useRef(open);
  useEffect(() => {
    opened.current = open;
  }, [open]);
  useEffect(() => {
    let gathered: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      setWords(gathered.length > 2 ? text.shell.incomingMany(gathered.length) : gathered.join(". "));
      gathered = [];
    };
    const stop = bridge.subscribe((event) => {
      if (event.type !== "incoming" || event.conversation === opened.current) return;
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
      <Hidden>{words}</Hidden>
    </div>
  );
}
