/** Whether this device shows notifications, and how much of a message: kept on this device, beside the account's data. */
import { useSyncExternalStore } from "react";

/** What a person chose for this device. */
export interface NoticeChoice {
  on: boolean;
  /** Shows the text, not only that something came. */
  words: boolean;
}

const KEY = "confab.notices";
const initial: NoticeChoice = { on: false, words: true };
const listeners = new Set<() => void>();
let read: { raw: string | null; choice: NoticeChoice } = { raw: null, choice: initial };

/** What was chosen on this device. */
export function storedNotices(): NoticeChoice {
  try {
    const raw = window.localStorage.getItem(KEY);
    if (raw !== read.raw) {
      const part = raw === null ? {} : (JSON.parse(raw) as Partial<NoticeChoice>);
      read = { raw, choice: { on: part.on === true, words: part.words !== false } };
    }
    return read.choice;
  } catch {
    // Storage may be forbidden, or somebody wrote something else there.
    return read.choice;
  }
}

/** Chooses. The other tabs see it in the storage. */
export function setNotices(choice: NoticeChoice): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    read = { raw: read.raw, choice };
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const elsewhere = (event: StorageEvent) => {
    if (event.key === KEY) listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", elsewhere);
  };
}

/** The choice, live. */
export function useNoticeChoice(): NoticeChoice {
  return useSyncExternalStore(subscribe, storedNotices);
}
