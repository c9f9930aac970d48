/** What there is to know and do beside a conversation: its members, or the other person. */
export { Details } from "./Details";
