/** The conversation: its header, messages and composer. */
export { ConversationScreen, type ConversationScreenProps } from "./ConversationScreen";
