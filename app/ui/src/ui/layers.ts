/**
 * What lies above the page: dialogs, menus, popovers. A phone's back gesture closes the uppermost before it goes back in
 * the history; Android's activity asks for that by {@link offerBack}.
 */

/** Closes the uppermost layer as Escape would; `false` if there is none. */
export function closeTopLayer(): boolean {
  const open = [...document.querySelectorAll<HTMLElement>("dialog[open], [popover]")].filter(
    (layer) => layer instanceof HTMLDialogElement || shows(layer),
  );
  // One that was opened from within another, or after it, stands later in the page.
  const top = open.at(-1);
  if (top === undefined) return false;
  if (top instanceof HTMLDialogElement) top.dispatchEvent(new Event("cancel", { cancelable: true }));
  else top.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  return true;
}

function shows(layer: HTMLElement): boolean {
  try {
    return layer.matches(":popover-open");
  } catch {
    // Engines without popovers place it as a box; it is in the page only while it is open.
    return true;
  }
}

declare global {
  interface Window {
    /** Called by Android's activity (`MainActivity.kt`); `true` if something was closed. */
    confabBack?: () => boolean;
  }
}

/** Lets the activity ask. */
export function offerBack(): void {
  window.confabBack = closeTopLayer;
}
