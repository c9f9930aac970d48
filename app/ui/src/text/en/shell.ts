import { formatNumber } from "../format";

/** The texts of the frame around the screens. */
export const shell = {
  documentTitle: (unread: number) => (unread > 0 ? `(${formatNumber(unread)}) Confab` : "Confab"),
  menu: "Menu",
  settings: "Settings",
  newConversation: "New conversation",
  newGroup: "New group",
  search: "Search",
  searchKeys: (keys: string) => `Search (${keys})`,
  choose: "Choose a conversation",
  chooseText: (keys: string) => `Pick one from the list, or press ${keys} to go somewhere by name.`,
  starting: "Starting…",
  failed: "Confab could not start",
  reload: "Reload the page",
  incoming: (sender: string, conversation: string, words: string) =>
    sender === conversation ? `${sender}: ${words}` : `${sender} in ${conversation}: ${words}`,
  incomingMany: (count: number) => `${formatNumber(count)} new messages`,
  main: "Conversation",
  trouble: (problem: string) => problem,
};
