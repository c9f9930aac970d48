/** The conversation list. */
export { ConversationList } from "./ConversationList";
