// The browser of the tests and of the bench: which one, and as quiet as it can be. It needs no package.
import { existsSync } from "node:fs";

/** Where it is: what `CHROMIUM` names, else one of the usual places. */
export const executablePath =
  process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Nothing but what the page asks for goes over the network, and nothing waits for a screen. */
export const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
