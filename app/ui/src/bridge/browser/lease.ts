/**
 * Who may own the database where there are no Web Locks (plain http): whoever holds a lease in IndexedDB.
 *
 * The lease has to be renewed. An owner that was asleep too long finds it taken, and every write to the database looks at
 * it in the same transaction, so that two owners never write.
 */
import { got, openDatabase, transact } from "./idb";
import type { Between, TabId } from "./messages";
import type { Turns } from "./turns";

interface Lease {
  tab: TabId;
  /** By `Date.now`. */
  renewed: number;
}

const RENEW_MS = 2_000;
/** Longer than a browser lets the timers of a hidden page's worker wait. */
const EXPIRE_MS = 10_000;
const HERE_MS = 20_000;
const GONE_MS = 65_000;
const KEY = "lease";

/** In a transaction: whether the lease is this tab's. */
export async function holds(meta: IDBObjectStore, tab: TabId): Promise<boolean> {
  const lease = (await got(meta.get(KEY))) as Lease | undefined;
  return lease?.tab === tab;
}

/** Takes the lease whoever has it: for one who owns the database by a lock. */
export async function seize(database: IDBDatabase, tab: TabId): Promise<void> {
  await transact(database, "readwrite", (store) => got(store("meta").put({ tab, renewed: Date.now() }, KEY)));
}

/** Takes or renews the lease if it is free, run out, or this tab's. */
function take(database: IDBDatabase, tab: TabId): Promise<boolean> {
  return transact(database, "readwrite", async (store) => {
    const lease = (await got(store("meta").get(KEY))) as Lease | undefined;
    const now = Date.now();
    // A lease from the future is of a clock that was set back.
    const valid = lease !== undefined && lease.tab !== tab && Math.abs(now - lease.renewed) < EXPIRE_MS;
    if (!valid) await got(store("meta").put({ tab, renewed: now }, KEY));
    return !valid;
  });
}

function release(database: IDBDatabase, tab: TabId): Promise<unknown> {
  return transact(database, "readwrite", async (store) => {
    if (await holds(store("meta"), tab)) await got(store("meta").delete(KEY));
  });
}

export function leaseTurns(self: TabId, say: (message: Between) => void): Turns {
  const lastHeard = new Map<TabId, number>();
  let database: IDBDatabase | undefined;
  let hurry: (() => void) | undefined;
  setInterval(() => say({ kind: "here", from: self }), HERE_MS);

  const renew = (lost: () => void): void => {
    const timer = setInterval(() => {
      if (database === undefined) return;
      void take(database, self).then(
        (mine) => {
          if (mine) return;
          clearInterval(timer);
          lost();
        },
        () => undefined,
      );
    }, RENEW_MS);
  };

  return {
    async own(lost) {
      try {
        database = await openDatabase();
      } catch {
        // Without IndexedDB nothing is shared, and every tab is its own.
        return;
      }
      while (!(await take(database, self))) {
        await new Promise<void>((again) => {
          hurry = again;
          setTimeout(again, RENEW_MS);
        });
      }
      renew(lost);
    },
    async gone(tab) {
      lastHeard.set(tab, Date.now());
      while (Date.now() - (lastHeard.get(tab) ?? 0) < GONE_MS) {
        await new Promise((again) => setTimeout(again, HERE_MS));
      }
      lastHeard.delete(tab);
    },
    heard(tab, left) {
      if (left) {
        lastHeard.delete(tab);
        hurry?.();
      } else lastHeard.set(tab, Date.now());
    },
    leave() {
      say({ kind: "bye", from: self });
      if (database !== undefined) void release(database, self).then(() => say({ kind: "bye", from: self }));
    },
  };
}
