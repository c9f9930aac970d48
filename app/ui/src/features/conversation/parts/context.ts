import { createContext, use } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { Kind } from "../../../bridge/generated/Kind";
import type { May } from "../../../bridge/generated/May";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import type { UserId } from "../../../bridge/generated/UserId";
import type { Mentionables } from "../../../text/markdown";

/** Where a menu opens: at a point, or below an element. */
export interface At {
  x: number;
  y: number;
}

/** What a message can be asked to do. Stable, so that a message is only drawn again when it changes itself. */
export interface MessageActions {
  reply: (message: MessageRow) => void;
  edit: (message: MessageRow) => void;
  remove: (message: MessageRow) => void;
  react: (message: MessageRow, emoji: string) => void;
  copy: (message: MessageRow) => void;
  info: (message: MessageRow) => void;
  retry: (id: string) => void;
  discard: (id: string) => void;
  jump: (seq: number) => void;
  menu: (message: MessageRow, at: At) => void;
  pickEmoji: (message: MessageRow, at: At) => void;
}

/** What all messages of the screen share. */
export interface Shared {
  conversation: ConversationId;
  kind: Kind;
  me: UserId | null;
  may: May;
  /** One can write here now. */
  writable: boolean;
  /** Those who can be mentioned, or were. */
  people: Mentionables;
  actions: MessageActions;
}

export const SharedContext = createContext<Shared | null>(null);

/** What all messages of the screen share. */
export function useShared(): Shared {
  const shared = use(SharedContext);
  if (!shared) throw new Error("no conversation above");
  return shared;
}

/** What one may do with a message. */
export function allowed(message: MessageRow, { may, writable }: Pick<Shared, "may" | "writable">) {
  const text = message.content?.type === "text";
  const there = message.state.type !== "failed";
  return {
    reply: writable && there && message.content !== null && message.content.type !== "system",
    react: writable && message.seq !== null && message.content !== null && message.content.type !== "system",
    copy: text,
    edit: writable && message.own && text && there,
    remove:
      message.content !== null &&
      message.content.type !== "system" &&
      there &&
      (message.own ? writable : may.delete_others),
    info: message.own && message.seq !== null && message.content !== null && message.receipt.of > 0,
    retry: message.state.type === "failed",
  };
}
