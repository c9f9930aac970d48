import { formatNumber, plural } from "../format";

/** The texts of the conversation list. */
export const list = {
  title: "Conversations",
  rowMenu: (title: string) => `Actions for ${title}`,
  draft: "Draft:",
  you: "You:",
  from: (name: string) => `${name}:`,
  unread: (count: number, more: boolean) =>
    more ? `More than ${formatNumber(count)} unread messages` : plural(count, "# unread message", "# unread messages"),
  unreadShort: (count: number, more: boolean) => (more ? `${formatNumber(count)}+` : formatNumber(count)),
  mention: "You are mentioned",
  failed: (count: number) => plural(count, "# message was not sent", "# messages were not sent"),
  online: "online",
  deleted: "Message deleted",
  unknown: "A message from a newer version",
  noMessages: "No messages yet",
  notMember: "You are no longer a member",
  state: { pending: "Waiting to be sent", failed: "Not sent", sent: "Sent", delivered: "Delivered", read: "Read" },
  hide: "Hide",
  unhide: "Show again",
  markRead: "Mark as read",
  hiddenDone: (title: string) => `${title} is hidden until something new comes`,
  undo: "Undo",
  showHidden: (count: number) => plural(count, "Show # hidden conversation", "Show # hidden conversations"),
  concealHidden: "Do not show hidden conversations",
  empty: {
    title: "Nobody here yet",
    text: "Find someone to talk to, or make a group. Notes to yourself work too.",
    action: "New conversation",
    none: "Every conversation is hidden",
  },
  failedToLoad: "The conversations could not be read",
};
