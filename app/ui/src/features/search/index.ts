/** Finding messages, and going to a conversation by name. */
export { SearchPane } from "./SearchPane";
export { Switcher } from "./Switcher";
