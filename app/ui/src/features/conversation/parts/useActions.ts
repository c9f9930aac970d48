import { type RefObject, useCallback, useMemo, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { uuidv7 } from "../../../bridge/ids";
import { useBridge } from "../../../hooks/bridge";
import { asProblem } from "../../../hooks/queries";
import { problemText, text } from "../../../text";
import { useToast } from "../../../ui";
import type { ComposerHandle } from "../composer/Composer";
import type { ListHandle } from "../timeline/MessageList";
import type { At, MessageActions } from "./context";

/** What lies over the messages. */
export type Overlay =
  { type: "menu" | "emoji"; message: MessageRow; at: At } | { type: "delete" | "info"; message: MessageRow };

/** What messages can be asked to do, and what that opens. */
export function useActions(
  conversation: ConversationId,
  list: RefObject<ListHandle | null>,
  composer: RefObject<ComposerHandle | null>,
) {
  const bridge = useBridge();
  const toast = useToast();
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const close = useCallback(() => setOverlay(null), []);
  const actions: MessageActions = useMemo(() => {
    const tell = (error: unknown) => toast({ kind: "danger", text: problemText(asProblem(error)) });
    return {
      reply: (message) => composer.current?.reply(message),
      edit: (message) => composer.current?.edit(message),
      remove: (message) => setOverlay({ type: "delete", message }),
      info: (message) => setOverlay({ type: "info", message }),
      menu: (message, at) => setOverlay({ type: "menu", message, at }),
      pickEmoji: (message, at) => setOverlay({ type: "emoji", message, at }),
      jump: (seq) => list.current?.jump(seq, true),
      react: (message, emoji) => {
        const on = !message.reactions.some((reaction) => reaction.own && reaction.emoji === emoji);
        bridge.request({ type: "react", id: uuidv7(), conversation, message: message.id, emoji, on }).catch(tell);
      },
      retry: (id) => {
        bridge.request({ type: "retry", id }).catch(tell);
      },
      discard: (id) => {
        bridge.request({ type: "discard", id }).catch(tell);
      },
      copy: (message) => {
        if (message.content?.type !== "text") return;
        void copy(message.content.text).then((done) => {
          const { copied, copyFailed } = text.conversation.actions;
          toast(done ? { text: copied } : { kind: "danger", text: copyFailed });
        });
      },
    };
  }, [bridge, composer, conversation, list, toast]);
  return { actions, overlay, close };
}

/** Copies; on plain http, where there is no clipboard to ask, through a field. */
async function copy(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = words;
    field.setAttribute("readonly", "");
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    // Deprecated, and the only way without a secure context.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
