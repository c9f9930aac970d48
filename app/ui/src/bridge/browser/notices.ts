/**
 * The system's notifications, shown through the service worker: it outlives the page, and phones allow no other way.
 *
 * One tab of all shows them (Web Locks), and none does while a person looks at any of them.
 */
import type { Notice, Notices, NoticesState } from "../bridge";

const LOCK = "confab-notices";
const CHANNEL = "confab-notices";
/** How long the other tabs have to say that a person looks at them. */
const ANSWER_MS = 150;

type Message = "who-is-looked-at" | "i-am";

/** Resolves once this tab is the one that shows notices. Never, where another one lives for ever. */
function becomeTheOne(): { mine: () => boolean } {
  let mine = false;
  void navigator.locks.request(LOCK, () => {
    mine = true;
    return new Promise<never>(() => undefined);
  });
  return { mine: () => mine };
}

/** `undefined` where the browser has no notifications for this page: plain http, and the development server. */
export function systemNotices(): Notices | undefined {
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  const locks = (navigator as { locks?: LockManager }).locks;
  if (container === undefined || locks === undefined || !("Notification" in window) || !import.meta.env.PROD) return undefined;
  const one = becomeTheOne();
  const channel = new BroadcastChannel(CHANNEL);
  let heard = false;
  channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data === "i-am") heard = true;
    else if (document.hasFocus()) channel.postMessage("i-am" satisfies Message);
  });

  async function isLookedAt(): Promise<boolean> {
    if (document.hasFocus()) return true;
    heard = false;
    channel.postMessage("who-is-looked-at" satisfies Message);
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    return heard;
  }

  return {
    state: (): NoticesState => Notification.permission,
    ask: () => Notification.requestPermission(),
    async show(notice: Notice) {
      if (!one.mine() || Notification.permission !== "granted" || (await isLookedAt())) return;
      const registration = await container.ready;
      const { title, body, conversation } = notice;
      // A later message of the conversation takes the place of the one before, and makes itself heard.
      const options = { body, tag: conversation, renotify: true, icon: "/icon.svg", data: { conversation } };
      await registration.showNotification(title, options);
    },
    async withdraw(conversation) {
      const registration = await container.getRegistration();
      const shown = await registration?.getNotifications({ tag: conversation });
      for (const notification of shown ?? []) notification.close();
    },
    onOpen(listener) {
      const told = ({ data }: MessageEvent<{ open?: unknown } | null>) => {
        if (typeof data?.open === "string") listener(data.open);
      };
      container.addEventListener("message", told);
      return () => container.removeEventListener("message", told);
    },
  };
}
