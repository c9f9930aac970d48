import { plural } from "../format";

/** The texts that tell where the connection and the data stand. */
export const status = {
  label: "Connection",
  offline: "Offline",
  offlineSince: (time: string) => `Offline since ${time}`,
  connecting: "Connecting…",
  retryAt: (time: string) => `The next try is at ${time}`,
  retryNow: "Try now",
  unsent: (count: number) => plural(count, "# waits to be sent", "# wait to be sent"),
  failed: (count: number) => plural(count, "# was refused", "# were refused"),
  catchingUp: (count: number) => plural(count, "Catching up: # conversation", "Catching up: # conversations"),
  /** Shorter than where a relay is tried for the first time: this one was trusted once. */
  certificate: "This device no longer trusts the relay's certificate. Check the device's clock, or ask whoever runs the relay.",
  loginNeeded: "You need to log in again. Until then you read what is on this device, and what you write waits.",
  logIn: "Log in",
  storage: {
    indexed_db: "This page has no files of its own here: it keeps its data in a slower way, and on plain http it cannot open without the relay.",
    outbox_only: "Only drafts and unsent messages survive a reload here.",
    memory: "A reload loses what is unsent here.",
  },
  storageWhy: "Over https and outside of a private window all is kept.",
  understood: "OK",
  update: "A new version of Confab is ready.",
  reload: "Reload",
};
