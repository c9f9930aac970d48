/** Light, dark, or as the system: kept on this device, beside the account's data and not within it. */
import { useSyncExternalStore } from "react";

/** What a person chose. */
export type Theme = "system" | "light" | "dark";

const KEY = "confab.theme";
const listeners = new Set<() => void>();

/** What was chosen on this device. */
export function storedTheme(): Theme {
  try {
    const value = window.localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    // Storage may be forbidden altogether; then the system decides.
    return "system";
  }
}

/** Puts the choice on the page. */
export function applyTheme(theme: Theme = storedTheme()): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Chooses, and tells the other tabs through the storage event. */
export function setTheme(theme: Theme): void {
  try {
    if (theme === "system") window.localStorage.removeItem(KEY);
    else window.localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this page then.
  }
  applyTheme(theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const elsewhere = (event: StorageEvent) => {
    if (event.key !== KEY) return;
    applyTheme();
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", elsewhere);
  };
}

/** The choice, live. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, storedTheme);
}
