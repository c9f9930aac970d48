// Which tab owns the database, as the browser's locks tell it.

/** Whether it is this page's worker that holds the owner's lock: the one that holds a lock that it has just taken. */
export async function owns(page) {
  // A page that has just been loaded has none yet: of it nothing is known.
  const [worker] = page.workers();
  return await worker?.evaluate(() => {
    const name = crypto.randomUUID();
    return navigator.locks.request(name, async () => {
      const { held } = await navigator.locks.query();
      const holder = (lock) => held.find((one) => one.name === lock)?.clientId;
      return holder("confab-owner") === holder(name);
    });
  });
}
