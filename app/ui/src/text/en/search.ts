import { plural } from "../format";

/** The texts of searching and of the quick switcher. */
export const search = {
  title: "Search",
  field: "Search messages",
  clear: "Clear",
  conversations: "Conversations",
  messages: "Messages",
  hint: "Type to search the messages on this device. Parts of words count too.",
  none: "Nothing found",
  noneText: (query: string) => `No message on this device holds “${query}”.`,
  more: "Older messages",
  notSearched: (count: number) =>
    plural(
      count,
      "# older message is not on this device and was not searched.",
      "# older messages are not on this device and were not searched.",
    ),
  found: (count: number, more: boolean) =>
    more ? plural(count, "More than # message found", "More than # messages found") : plural(count, "# message found", "# messages found"),
  you: "You",
  failed: "The search did not work",
  switcher: "Go to a conversation",
  switcherField: "Go to… or search",
  switcherMessages: (query: string) => `Search messages for “${query}”`,
  switcherNone: "No conversation matches",
  results: "Results",
};
