import type { ChangeKind } from "../../bridge/generated/ChangeKind";

const undone: Record<ChangeKind, (name: string) => string> = {
  rename: (name) => `The new name of ${name || "the group"} was refused.`,
  add_members: (name) => `Nobody was added to ${name || "the group"}.`,
  remove_member: (name) => `Nobody was removed from ${name || "the group"}.`,
  leave: (name) => `You are still a member of ${name || "the group"}.`,
  set_role: (name) => `The role in ${name || "the group"} was not changed.`,
  hide: (name) => `${name || "A conversation"} is in the list as before.`,
  set_notify: (name) => `The notifications of ${name || "a conversation"} are as before.`,
  block: (name) => `Whether ${name || "somebody"} is blocked was not changed.`,
  set_profile: () => "Your profile was not changed.",
};

/** Words that several screens share, and what to say about a problem. */
export const common = {
  app: "Confab",
  you: "You",
  back: "Back",
  cancel: "Cancel",
  close: "Close",
  done: "Done",
  save: "Save",
  retry: "Try again",
  loading: "Loading…",
  more: "More",
  deletedUser: "Deleted account",
  notesToSelf: "Notes to yourself",
  online: "online",
  offline: "offline",
  /** That a change of some time ago was refused, and why. */
  refused: (change: ChangeKind, name: string, why: string) => `${undone[change](name)} ${why}`,
  /** What to say about a problem, by its code. A code that is missing here shows the problem's own message. */
  problems: {
    offline: "You are offline. Try again once you are connected.",
    unavailable: "The relay is restarting. Try again in a moment.",
    rate_limited: "Too many tries. Wait a moment, then try again.",
    bad_credentials: "That user name and password do not match.",
    username_taken: "That user name is taken. Choose another one.",
    session_ended: "You were logged out on this device. Log in again.",
    unauthenticated: "You need to log in again.",
    storage: "This device could not store it. Free some space, then try again.",
    storage_failed: "The relay's disk is full or failing. Nothing was stored; try again later.",
    not_confab: "The server at this address is not a Confab relay.",
    too_old: "This version of Confab is too old for the relay. Reload the page to update.",
    internal: "The relay met a bug of its own. Try again; if it stays, tell whoever runs the relay.",
    internal_client: "Something broke in this app. Reload the page; nothing that was sent is lost.",
    not_found: "It is not there any more.",
  } as Readonly<Record<string, string>>,
};
