/**
 * Asks the browser not to clear this site's storage when space is short. Some browsers ask the person, so it is done when
 * there is something to lose that they know of: after the first message that was written here.
 */
let asked = false;

export function keepStorage(): void {
  // Absent on plain http.
  const storage = (navigator as { storage?: StorageManager }).storage;
  if (asked || storage?.persist === undefined) return;
  asked = true;
  void storage.persisted().then(
    (kept) => {
      // A refusal changes nothing: everything works, and the relay has what was sent.
      if (!kept) void storage.persist().catch(() => undefined);
    },
    () => undefined,
  );
}
