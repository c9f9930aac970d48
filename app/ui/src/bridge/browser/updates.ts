/** Versions of the page: the service worker fetches a new one and keeps it until the person takes it up. */
import type { Updates } from "../bridge";

const LOOK_MS = 60 * 60 * 1000;

/** `undefined` where there are no service workers: plain http, and the development server. */
export function watchUpdates(): Updates | undefined {
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (container === undefined || !import.meta.env.PROD) return undefined;
  const listeners = new Set<() => void>();
  let waiting: ServiceWorker | undefined;
  const offer = (worker: ServiceWorker | null): void => {
    // The first version of all replaces nothing.
    if (worker === null || container.controller === null) return;
    waiting = worker;
    for (const listener of [...listeners]) listener();
  };

  // All tabs get this at once when a new version takes over; only where none was before, there is nothing to reload.
  let controlled = container.controller !== null;
  container.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });

  void container.register("/sw.js", { updateViaCache: "none" }).then(
    (registration) => {
      offer(registration.waiting);
      registration.addEventListener("updatefound", () => {
        const fresh = registration.installing;
        fresh?.addEventListener("statechange", () => {
          if (fresh.state === "installed") offer(registration.waiting);
        });
      });
      const look = (): void => void registration.update().catch(() => undefined);
      setInterval(look, LOOK_MS);
      addEventListener("online", look);
    },
    // Without one the page works, but does not open offline.
    () => undefined,
  );

  return {
    available: () => waiting !== undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    apply: () => waiting?.postMessage("take-up"),
  };
}
