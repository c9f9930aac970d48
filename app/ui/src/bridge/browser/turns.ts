/** Who may own the database, where the browser has Web Locks: the lock goes when its worker goes, however that ends. */
import { aliveLock, OWNER_LOCK, type TabId } from "./messages";

/** Decides who owns the database, and tells when a tab is gone. */
export interface Turns {
  /** Comes when this worker is the owner; it is until it ends, or until `lost`. */
  own(lost: () => void): Promise<void>;
  /** Comes when a tab's worker is gone. */
  gone(tab: TabId): Promise<void>;
  /** Another tab was heard of, maybe that it leaves. */
  heard(tab: TabId, left: boolean): void;
  /** This tab's page closes. */
  leave(): void;
}

const forever = new Promise<never>(() => undefined);

/** Takes the lock that others wait for to learn that this worker is gone. */
export async function showLife(locks: LockManager, tab: TabId): Promise<void> {
  await new Promise<void>((held) => {
    void locks.request(aliveLock(tab), () => {
      held();
      return forever;
    });
  });
}

export function lockTurns(locks: LockManager): Turns {
  return {
    own: () =>
      new Promise((granted) => {
        void locks.request(OWNER_LOCK, () => {
          granted();
          return forever;
        });
      }),
    gone: (tab) => locks.request(aliveLock(tab), () => undefined),
    heard: () => undefined,
    leave: () => undefined,
  };
}
