/** How keys are written on this system. */
const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Ctrl or Cmd with a key, perhaps with Shift: "Ctrl+Shift+N", "⇧⌘N". */
export function keysOf(key: string, shift = false): string {
  return apple ? `${shift ? "⇧" : ""}⌘${key}` : `Ctrl+${shift ? "Shift+" : ""}${key}`;
}
