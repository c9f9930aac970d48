import type { ReactElement } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import { NotifyDialog } from "../features/notify";
import { AddMembers, NewConversation, NewGroup } from "../features/people";
import { Switcher } from "../features/search";

/** A dialog of the shell. */
export type DialogName = "new_conversation" | "new_group" | "add_members" | "notify" | "switcher";

interface DialogsProps {
  name: DialogName | null;
  /** The open conversation. */
  conversation: ConversationId | null;
  onOpened: (conversation: ConversationId) => void;
  onName: (name: DialogName) => void;
  onSearch: (query: string) => void;
  onClose: () => void;
}

/** The dialogs in which features meet. One at a time. */
export function Dialogs({ name, conversation, onOpened, onName, onSearch, onClose }: DialogsProps): ReactElement | null {
  switch (name) {
    case "new_conversation":
      return <NewConversation onOpened={onOpened} onGroup={() => onName("new_group")} onClose={onClose} />;
    case "new_group":
      return <NewGroup onOpened={onOpened} onClose={onClose} />;
    case "add_members":
      return conversation === null ? null : <AddMembers conversation={conversation} onClose={onClose} />;
    case "notify":
      return conversation === null ? null : <NotifyDialog conversation={conversation} onClose={onClose} />;
    case "switcher":
      return <Switcher onOpen={onOpened} onSearch={onSearch} onClose={onClose} />;
    case null:
      return null;
  }
}
