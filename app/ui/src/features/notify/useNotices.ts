import { useEffect, useRef } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import { useBridge } from "../../hooks/bridge";
import { storedNotices } from "../../hooks/notices";
import { useQuery } from "../../hooks/useQuery";
import { text } from "../../text";

/** Shows what comes as notifications of the system, takes back those that have been read, and opens a pressed one. */
export function useNotices(onOpen: (conversation: ConversationId) => void): void {
  const bridge = useBridge();
  const { notices } = bridge;
  const shown = useRef(new Set<ConversationId>());
  const rows = useQuery({ type: "conversations", hidden: true }).data?.rows;

  useEffect(() => notices?.onOpen(onOpen), [notices, onOpen]);

  useEffect(() => {
    if (notices === undefined) return;
    return bridge.subscribe((event) => {
      if (event.type !== "incoming" || !event.notify) return;
      const choice = storedNotices();
      if (!choice.on) return;
      const { conversation, title, sender_name: sender } = event;
      const body = !choice.words ? text.notify.newMessage : title === sender ? event.text : text.notify.from(sender, event.text);
      shown.current.add(conversation);
      // A browser that refuses has told the person itself; the message stands in the list all the same.
      void notices.show({ conversation, title: choice.words ? title : text.common.app, body }).catch(() => undefined);
    });
  }, [bridge, notices]);

  useEffect(() => {
    for (const row of rows ?? []) {
      if (row.unread > 0 || !shown.current.delete(row.id)) continue;
      void notices?.withdraw(row.id).catch(() => undefined);
    }
  }, [notices, rows]);
}
