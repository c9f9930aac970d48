/** The conversation: its header, messages and composer. */
export { forgetPlaces } from "./model/place";
export { ConversationScreen, type ConversationScreenProps } from "./ConversationScreen";
