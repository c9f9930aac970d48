import type { ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import { useQuery } from "../../hooks/useQuery";

/** What the shell tells a conversation's screen, and where it may lead. */
export interface ConversationScreenProps {
  conversation: ConversationId;
  /** A message to show and point out (a search hit); it may change while the screen stays. */
  seq?: number | undefined;
  /** Only one pane fits: the header has a way back. */
  narrow?: boolean;
  onBack: () => void;
  /** Opens or closes the details pane. */
  onDetails: () => void;
  /** Searches in this conversation. */
  onSearch: () => void;
  /** Opens another conversation. */
  onOpen: (conversation: ConversationId) => void;
}

/** One conversation. The shell sends `watch` for it (its members' presence, its typing); the screen only asks. */
export function ConversationScreen({ conversation }: ConversationScreenProps): ReactElement {
  const { data } = useQuery({ type: "conversation", conversation });
  return <h1>{data?.row.title}</h1>;
}
