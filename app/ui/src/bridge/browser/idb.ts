/** IndexedDB with promises, as far as it is needed here: one database, one transaction at a time. */

const NAME = "confab";
const VERSION = 1;

/** `meta` holds the lease and the file's size; `blocks` holds the file, by block number. */
export type StoreName = "meta" | "blocks";

export function openDatabase(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("meta");
      opening.result.createObjectStore("blocks");
    };
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error ?? new Error("IndexedDB did not open."));
    opening.onblocked = () => failed(new Error("IndexedDB is in use by another version of this page."));
  });
}

/**
 * One transaction over both stores; what `work` gives back comes once the transaction is complete. `work` must only wait
 * for requests of the transaction. IndexedDB runs such transactions one after another, in all tabs together.
 */
export async function transact<T>(
  database: IDBDatabase,
  mode: "readonly" | "readwrite",
  work: (store: (name: StoreName) => IDBObjectStore) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction(["meta", "blocks"], mode);
  const complete = new Promise<void>((done, failed) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => failed(transaction.error ?? new Error("The transaction was given up."));
  });
  try {
    const result = await work((name) => transaction.objectStore(name));
    await complete;
    return result;
  } catch (error) {
    complete.catch(() => undefined);
    try {
      transaction.abort();
    } catch {
      // It had ended by itself.
    }
    throw error;
  }
}

export function got<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error ?? new Error("An IndexedDB request failed."));
  });
}
