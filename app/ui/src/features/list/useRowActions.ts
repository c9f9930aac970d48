import { useCallback } from "react";
import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import { muted, unmuted } from "../../bridge/notify";
import { uuidv7 } from "../../bridge/ids";
import { useBridge } from "../../hooks/bridge";
import { asProblem } from "../../hooks/queries";
import { problemText, text, titleOf } from "../../text";
import { useToast, type MenuItem } from "../../ui";

/** What can be done with a row without opening it. */
export function useRowActions(): (row: ConversationRow) => MenuItem[] {
  const bridge = useBridge();
  const toast = useToast();
  return useCallback(
    (row) => {
      const failed = (error: unknown) => toast({ kind: "danger", text: problemText(asProblem(error)) });
      const hide = (hidden: boolean) => bridge.request({ type: "hide", id: uuidv7(), conversation: row.id, hidden });
      const items: MenuItem[] = [];
      if (row.unread > 0) {
        items.push({
          label: text.list.markRead,
          icon: "check",
          onSelect: () => {
            bridge
              .request({ type: "conversation", conversation: row.id })
              .then((view) => bridge.request({ type: "mark_read", conversation: row.id, seq: view.last_seq }))
              .catch(failed);
          },
        });
      }
      if (row.role !== null) {
        items.push({
          label: row.muted ? text.notify.unmute : text.notify.mute,
          icon: row.muted ? "bell" : "bellOff",
          onSelect: () => {
            const notify = row.muted ? unmuted(row.notify) : muted(row.notify);
            bridge.request({ type: "set_notify", id: uuidv7(), conversation: row.id, notify }).catch(failed);
          },
        });
      }
      items.push({
        label: row.hidden ? text.list.unhide : text.list.hide,
        icon: row.hidden ? "show" : "hide",
        onSelect: () => {
          hide(!row.hidden).then(() => {
            if (row.hidden) return;
            toast({
              text: text.list.hiddenDone(titleOf(row)),
              action: { label: text.list.undo, run: () => void hide(false).catch(failed) },
            });
          }, failed);
        },
      });
      return items;
    },
    [bridge, toast],
  );
}
