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
  /** What helps in the native app where its data could not be opened: by the problem's code, else the last one. */
  startAgain: { in_use: "Use that one, or quit it and then start Confab again." } as Readonly<Record<string, string>>,
  startAgainOtherwise: "Nothing was deleted. Once that is put right, quit Confab and start it again.",
  broke: "Something broke in Confab",
  brokeText: "Nothing that was sent is lost. If it breaks again, quit Confab and start it again.",
  reloadApp: "Reload",
  incoming: (sender: string, conversation: string, words: string) =>
    sender === conversation ? `${sender}: ${words}` : `${sender} in ${conversation}: ${words}`,
  incomingMany: (count: number) => `${formatNumber(count)} new messages`,
  main: "Conversation",
  trouble: (problem: string) => problem,
};
