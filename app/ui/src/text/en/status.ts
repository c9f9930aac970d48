import { plural } from "../format";

/** The texts that tell where the connection and the data stand. */
export const status = {
  label: "Connection",
  offline: "Offline",
  offlineSince: (time: string) => `Offline since ${time}`,
  connecting: "Connecting…",
  retryIn: (seconds: number) => plural(seconds, "next try in # second", "next try in # seconds"),
  retryNow: "Try now",
  unsent: (count: number) => plural(count, "# waits to be sent", "# wait to be sent"),
  failed: (count: number) => plural(count, "# was refused", "# were refused"),
  catchingUp: (count: number) => plural(count, "Catching up: # conversation", "Catching up: # conversations"),
  loginNeeded: "You need to log in again. Until then you read what is on this device, and what you write waits.",
  logIn: "Log in",
  storage: {
    outbox_only: "This browser keeps only drafts and unsent messages of this page: everything else is fetched again after a reload.",
    memory: "This browser keeps nothing of this page: a reload loses what is unsent.",
  },
  storageWhy: "Open Confab over https, or outside of a private window, to keep it all.",
  understood: "OK",
  update: "A new version of Confab is ready.",
  reload: "Reload",
};
