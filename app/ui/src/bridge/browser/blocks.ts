/**
 * The database file in IndexedDB, for browsers and pages without OPFS. The engine holds it in memory and hands over what
 * changed after every commit; one IndexedDB transaction makes all of that durable, or nothing.
 */
import { got, openDatabase, transact } from "./idb";
import { holds, seize } from "./lease";
import type { TabId } from "./messages";

/** Bytes of a block; the last one may be shorter in the file. The engine's number must be the same. */
const BLOCK_BYTES = 16 * 1024;
const SIZE_KEY = "size";

export interface Blocks {
  /** The file; empty at first. */
  load(): Promise<Uint8Array>;
  /** Writes the file's new size and the changed blocks: their numbers, and their bytes one after another. */
  save(size: number, numbers: Uint32Array, bytes: Uint8Array): Promise<void>;
}

/**
 * `undefined` where there is no IndexedDB either. With `locked`, this tab owns the database by a lock. Calls `lost` when
 * another tab has taken the database: nothing that is said here counts any more, so nothing more is answered.
 */
export async function openBlocks(tab: TabId, locked: boolean, lost: () => void): Promise<Blocks | undefined> {
  let database: IDBDatabase;
  try {
    database = await openDatabase();
    if (locked) await seize(database, tab);
  } catch {
    return undefined;
  }
  return {
    load: () =>
      transact(database, "readonly", async (store) => {
        const size = ((await got(store("meta").get(SIZE_KEY))) as number | undefined) ?? 0;
        const file = new Uint8Array(size);
        const [numbers, blocks] = await Promise.all([got(store("blocks").getAllKeys()), got(store("blocks").getAll())]);
        numbers.forEach((number, place) => {
          const start = (number as number) * BLOCK_BYTES;
          const block = blocks[place] as Uint8Array;
          if (start < size) file.set(block.subarray(0, size - start), start);
        });
        return file;
      }),
    save: (size, numbers, bytes) =>
      transact(database, "readwrite", async (store) => {
        if (!(await holds(store("meta"), tab))) {
          lost();
          await new Promise<never>(() => undefined);
        }
        const pending: Promise<unknown>[] = [got(store("meta").put(size, SIZE_KEY))];
        numbers.forEach((number, place) => {
          const block = bytes.slice(place * BLOCK_BYTES, (place + 1) * BLOCK_BYTES);
          pending.push(got(store("blocks").put(block, number)));
        });
        const end = Math.ceil(size / BLOCK_BYTES);
        pending.push(got(store("blocks").delete(IDBKeyRange.lowerBound(end))));
        await Promise.all(pending);
      }),
  };
}
