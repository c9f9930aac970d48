/**
 * The mark that the cookie's session is one that somebody has logged out of, while the relay does not know yet. A script
 * cannot remove that cookie, so this stands in IndexedDB, which outlives whatever place the engine's database has.
 */
import { got, openDatabase, transact } from "./idb";

const KEY = "logout owed";

export interface Owed {
  /** Whether it stands. */
  read(): Promise<boolean>;
  write(owed: boolean): Promise<void>;
}

async function inside<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

export const owed: Owed = {
  read: () => inside((database) => transact(database, "readonly", async (store) => (await got(store("meta").get(KEY))) === true)),
  write: (on) =>
    inside((database) =>
      transact(database, "readwrite", async (store) => {
        const meta = store("meta");
        await (on ? got(meta.put(true, KEY)) : got(meta.delete(KEY)));
      }),
    ),
};
