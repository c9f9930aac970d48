/**
 * The service worker: the page's own files, kept as one version, so that the page opens without the network.
 *
 * A new version is fetched whole beside the old one and waits until the person takes it up. Data never passes through
 * here: what is not one of the page's files goes to the network as if this were not there.
 */

/** Filled in at build time: the version, and the path of every file of the page. */
declare const __SHELL__: { version: string; files: string[] };

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response> | Response): void;
}
interface NotificationEvent extends ExtendableEvent {
  readonly notification: { readonly data: unknown; close(): void };
}
interface WindowClient {
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
interface ServiceWorkerScope {
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

const scope = self as unknown as ServiceWorkerScope;
const shell = __SHELL__;
const PREFIX = "confab-shell-";
const cacheName = PREFIX + shell.version;
const files = new Set(shell.files);
/** The one page; every address within it is its own matter. */
const PAGE = "/";

async function fetchShell(): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all(
    shell.files.map(async (file) => {
      // A hash in the name: whatever cache has it, it is the same. Others must come from the relay itself.
      const hashed = file.startsWith("/assets/");
      const kept = hashed ? await caches.match(file) : undefined;
      const answer = kept ?? (await scope.fetch(file, { cache: hashed ? "default" : "reload" }));
      if (!answer.ok) throw new Error(`${file}: ${String(answer.status)}`);
      await cache.put(file, answer);
    }),
  );
}

async function dropOldShells(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== cacheName).map((name) => caches.delete(name)));
}

async function fromShell(file: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  // The browser may have thrown the cache away.
  return (await cache.match(file)) ?? scope.fetch(request);
}

scope.addEventListener("install", (event) => event.waitUntil(fetchShell()));
scope.addEventListener("activate", (event) => event.waitUntil(dropOldShells().then(() => scope.clients.claim())));
scope.addEventListener("message", ({ data }) => {
  if (data === "take-up") void scope.skipWaiting();
});
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(fromShell(PAGE, request));
  else if (files.has(pathname)) event.respondWith(fromShell(pathname, request));
});

/** A pressed notification opens its conversation: in a page that is there, or in a new one. */
async function open(conversation: string): Promise<void> {
  const [page] = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (page === undefined) {
    await scope.clients.openWindow(`/#/c/${conversation}`);
    return;
  }
  page.postMessage({ open: conversation });
  await page.focus();
}

scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const data = event.notification.data as { conversation?: unknown } | null;
  if (typeof data?.conversation === "string") event.waitUntil(open(data.conversation));
});
