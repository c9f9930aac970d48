import type { ChangeKind } from "../../bridge/generated/ChangeKind";
import { plural } from "../format";

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
  /**
   * What to say about a problem, by its code: only where that says all that its own message would, for every place that
   * the code comes from. A code that is missing here (`storage`, `not_found`, `forbidden`, `invalid`…) shows the message.
   */
  problems: {
    offline: "The relay cannot be reached. Try again once you are connected.",
    unavailable: "The relay is restarting. Try again in a moment.",
    rate_limited: "The relay takes no more of that for now. Wait a moment, then try again.",
    bad_credentials: "That user name and password do not match.",
    username_taken: "That user name is taken. Choose another one.",
    session_ended: "You were logged out on this device. Log in again.",
    unauthenticated: "You need to log in again.",
    full: "This device has no space left, so it could not store that. Free some space, then try again.",
    in_use: "Another window of Confab has the data on this device open. Close it, then try again.",
    newer_database:
      "A newer version of Confab has written the data on this device, and this one cannot read it. Reload the page to get the newest version. Nothing was changed.",
    old_sqlite: "This build of Confab has an SQLite that can damage data, so it does not open what is on this device. Use another build.",
    not_kept: "This browser keeps nothing more for Confab. What is not sent yet will not survive a reload of the page.",
    rescued:
      "The data on this device was damaged and has been set aside. Nothing was waiting to be sent; everything is fetched again.",
    rescued_unsent:
      "The data on this device was damaged and has been set aside. What waits to be sent was kept; the rest is fetched again.",
    rescued_partly:
      "The data on this device was damaged and has been set aside. A part of it could not be read: look whether something that you wrote last is missing. The rest is fetched again.",
    mended: "The data on this device was damaged and has just been set aside. Try that again.",
    logout_owed: "You are logged out here. The relay could not be told yet; it will be as soon as it can be reached.",
    logout_untold:
      "You are logged out here, but the relay could not be told, and this device cannot keep that in mind. Log this device out from another one: Settings, Devices.",
    unwritten: "Nobody has written here yet, so there is nothing to be told of. Write something first.",
    unsent_here: "Something here waits to be sent. Wait until it is, or discard it, then hide the conversation.",
    storage_failed: "The relay's disk is full or failing. Nothing was stored; try again later.",
    not_confab: "What answers at the relay's address is not a Confab relay. Is the address right, and the network open?",
    too_old: "This version of Confab is too old for the relay. Reload the page to update.",
    internal: "The relay met a bug of its own. Try again; if it stays, tell whoever runs the relay.",
    internal_client: "Something broke in this app. Reload the page; nothing that was sent is lost.",
  } as Readonly<Record<string, string>>,
  /** The relay says how long to wait, in milliseconds. */
  rateLimitedFor: (ms: number) =>
    `The relay takes no more of that for now. Try again in ${ms <= 90_000 ? plural(Math.ceil(ms / 1000), "# second", "# seconds") : plural(Math.ceil(ms / 60_000), "# minute", "# minutes")}.`,
  /** The same where no page can be reloaded: in the native app. */
  problemsInApp: {
    newer_database:
      "A newer version of Confab has written the data on this device, and this one cannot read it. Install the newest version. Nothing was changed.",
    too_old: "This version of Confab is too old for the relay. Install the newest one.",
    internal_client: "Something broke in this app. Quit Confab and start it again; nothing that was sent is lost.",
  } as Readonly<Record<string, string>>,
  /** What helps where a relay's certificate is not trusted; it follows the problem's own words. */
  certificate:
    "Check the address and this device's clock. If the relay has a certificate of its own making, install its authority on this device. Whoever runs the relay can help.",
  certificateAndroid: "Check the address and this device's clock. If both are right, ask whoever runs the relay.",
};
