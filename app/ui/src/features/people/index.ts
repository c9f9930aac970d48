/** Finding people, and making conversations with them. */
export { AddMembers } from "./AddMembers";
export { NewConversation } from "./NewConversation";
export { NewGroup } from "./NewGroup";
