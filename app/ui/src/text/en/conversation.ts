import { formatFull, formatNames, formatNumber, plural } from "../format";
import { emoji } from "./emoji";

/** The texts of the conversation screen. */
export const conversation = {
  emoji,
  messages: (title: string) => `Messages in ${title}`,
  deletedMessage: "This message was deleted",
  elsewhere: "A message that is not on this device",
  unknownContent: "This message needs a newer version of Confab",
  edited: "edited",
  you: "You",
  newMessages: "New messages",
  jumpToNewest: (unread: number, more: boolean) =>
    unread === 0
      ? "Jump to the newest message"
      : `${more ? `${formatNumber(unread)}+ unread messages` : plural(unread, "# unread message", "# unread messages")}. Jump to the newest`,
  unreadCount: (unread: number, more: boolean) => (more ? `${formatNumber(unread)}+` : formatNumber(unread)),
  notHere: {
    title: "This conversation is not here",
    text: "It may have been removed, or it never existed.",
  },
  loadFailed: "The messages could not be read.",
  empty: {
    direct: (name: string) => `This is the beginning of your conversation with ${name}.`,
    self: "Write something to yourself: ideas, lists, links. Only you can read it here.",
    group: (title: string) => `This is the beginning of ${title}.`,
    hint: "Say hello",
    hello: "👋",
  },
  hole: {
    loading: (count: number) => plural(count, "# message is on its way", "# messages are on their way"),
    failed: (count: number) =>
      plural(count, "# message is not on this device yet", "# messages are not on this device yet"),
    retry: "Load",
  },
  state: {
    pending: "Waiting to be sent",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    readBy: (read: number, of: number) => `Read by ${formatNumber(read)} of ${formatNumber(of)}`,
    deliveredTo: (count: number, of: number) => `Delivered to ${formatNumber(count)} of ${formatNumber(of)}`,
    failed: "Not sent",
    failedBecause: (why: string) => `Not sent. ${why}`,
    editFailed: (why: string) => `The edit was refused. ${why}`,
    deleteFailed: (why: string) => `The deletion was refused. ${why}`,
    reactFailed: (why: string) => `The reaction was refused. ${why}`,
    changing: "Waiting to be changed",
  },
  /** What a screen reader hears of a message when it is focused. */
  spoken: (sender: string, body: string, when: string, more: readonly string[]) =>
    [`${sender}: ${body}`, when, ...more].join(". "),
  spokenReply: (name: string, body: string) => `In reply to ${name}: ${body}`,
  incoming: (sender: string, body: string) => `${sender}: ${body}`,
  actions: {
    menu: "Message actions",
    more: "More actions",
    reply: "Reply",
    copy: "Copy text",
    copied: "Copied",
    copyFailed: "The text could not be copied",
    edit: "Edit",
    delete: "Delete",
    retry: "Send again",
    discard: "Discard",
    retryChange: "Try again",
    info: "Who has read it",
    react: "Add a reaction",
    reactWith: (name: string) => `React with ${name}`,
    moreEmoji: "More emoji",
    close: "Close",
  },
  reactions: {
    by: (names: readonly string[], count: number, emojiText: string) => {
      const rest = count - names.length;
      const who = rest > 0 ? [...names, plural(rest, "# other", "# others")] : [...names];
      return `${formatNames(who)} reacted with ${emojiText}`;
    },
  },
  picker: {
    title: "Emoji",
    search: "Search emoji",
    none: "No emoji of that name",
  },
  deleteDialog: {
    title: "Delete this message?",
    text: "It is deleted for everyone. A note stays in its place.",
    confirm: "Delete",
    cancel: "Cancel",
  },
  info: {
    title: "Who has read it",
    read: "Read",
    delivered: "Delivered",
    waiting: "Not yet delivered",
    sentAt: (at: number) => `Sent ${formatFull(at)}`,
    none: "Read marks are not shared in this conversation.",
  },
  composer: {
    placeholder: "Message",
    label: (title: string) => `Message to ${title}`,
    send: "Send",
    saveEdit: "Save the edit",
    emoji: "Insert an emoji",
    replyingTo: (name: string) => `Reply to ${name}`,
    replyingToSomething: "Reply",
    editing: "Edit message",
    cancelReply: "Cancel the reply",
    cancelEdit: "Cancel the edit",
    bytesLeft: (left: number) =>
      left >= 0 ? plural(left, "# byte left", "# bytes left") : plural(-left, "# byte too long", "# bytes too long"),
    mentions: "People to mention",
    notAccepted: (why: string) => `It was not sent and stays here. ${why}`,
    disabled: {
      removed: "You are no longer a member of this group. You keep what you have, and nothing new will come.",
      blocked: (name: string) => `You blocked ${name}.`,
      unblock: "Unblock",
      deleted: "This account was deleted.",
      refused: (why: string) => `This group could not be made. ${why}`,
      retry: "Try again",
      discard: "Discard the group",
      other: "You cannot write here.",
    },
  },
  typing: (names: readonly string[]) => {
    if (names.length === 0) return "";
    if (names.length > 3) return "Several people are typing";
    return names.length === 1 ? `${names[0] ?? ""} is typing` : `${formatNames(names)} are typing`;
  },
  typingDirect: "typing",
  header: {
    back: "Back to the conversations",
    members: (count: number) => plural(count, "# member", "# members"),
    online: "online",
    membersOnline: (count: number, online: number) =>
      `${plural(count, "# member", "# members")}, ${formatNumber(online)} online`,
    lastSeen: (ago: string) => `last seen ${ago}`,
    notMember: "not a member any more",
    blocked: "blocked",
    search: "Search in this conversation",
    details: "Details",
    menu: "Conversation menu",
    hide: "Hide conversation",
    unhide: "Show in the list",
    block: (name: string) => `Block ${name}`,
    unblock: (name: string) => `Unblock ${name}`,
  },
  search: {
    label: "Search in this conversation",
    placeholder: "Search messages",
    close: "Close the search",
    older: "Older match",
    newer: "Newer match",
    none: "Nothing found",
    found: (count: number, more: boolean) => (more ? `${formatNumber(count)}+` : plural(count, "# match", "# matches")),
    position: (at: number, count: number, more: boolean) =>
      `${formatNumber(at)} of ${formatNumber(count)}${more ? "+" : ""}`,
    notSearched: (count: number) =>
      plural(
        count,
        "# message is not on this device and was not searched",
        "# messages are not on this device and were not searched",
      ),
    more: "Show older matches",
  },
  /** What happened, in the words of one who did it and those whom it befell. */
  events: {
    /** Oneself among those whom it befell. */
    you: "you",
    created: (who: string, title: string, me: boolean) =>
      me ? `You created the group “${title}”` : `${who} created the group “${title}”`,
    added: (who: string, names: readonly string[], me: boolean) => `${me ? "You" : who} added ${formatNames(names)}`,
    joined: (names: readonly string[]) => `${formatNames(names)} joined`,
    removed: (who: string, name: string, me: boolean) => `${me ? "You" : who} removed ${name}`,
    left: (who: string, me: boolean) => (me ? "You left" : `${who} left`),
    renamed: (who: string, title: string, me: boolean) => `${me ? "You" : who} renamed the group to “${title}”`,
    role: {
      owner: (who: string, name: string, me: boolean) => `${me ? "You" : who} handed the group over to ${name}`,
      admin: (who: string, name: string, me: boolean) => `${me ? "You" : who} made ${name} an admin`,
      member: (who: string, name: string, me: boolean) =>
        `${me ? "You" : who} made ${name} a member without admin rights`,
    },
    unknown: "Something happened here that needs a newer version of Confab",
  },
};
