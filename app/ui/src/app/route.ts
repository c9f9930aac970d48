/**
 * The address in the page's hash: `#/` the list, `#/c/<id>` a conversation, `#/c/<id>/m/<seq>` a place in it,
 * `#/c/<id>/details` its details, `#/settings`, `#/search` (a pane of its own where only one fits). A hash needs nothing
 * of the server, and works offline and in a window.
 */
import { useSyncExternalStore } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";

/** Where one is. */
export type Route =
  | { page: "list" }
  | { page: "search" }
  | { page: "settings" }
  | { page: "conversation"; conversation: ConversationId; seq?: number; details: boolean };

const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const conversationPath = new RegExp(`^/c/(${ID})(?:/(details)|/m/([0-9]{1,15}))?$`);

/** Reads an address. Anything unknown is the list. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, "");
  const conversation = conversationPath.exec(path);
  if (conversation?.[1] !== undefined) {
    const route: Route = {
      page: "conversation",
      conversation: conversation[1],
      details: conversation[2] !== undefined,
    };
    return conversation[3] === undefined ? route : { ...route, seq: Number(conversation[3]) };
  }
  if (path === "/settings") return { page: "settings" };
  return path === "/search" ? { page: "search" } : { page: "list" };
}

/** Writes an address. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case "list":
      return "#/";
    case "search":
      return "#/search";
    case "settings":
      return "#/settings";
    case "conversation":
      if (route.details) return `#/c/${route.conversation}/details`;
      return route.seq === undefined ? `#/c/${route.conversation}` : `#/c/${route.conversation}/m/${route.seq}`;
  }
}

let parsed: { hash: string; route: Route } | undefined;

function read(): Route {
  const { hash } = window.location;
  if (parsed?.hash !== hash) parsed = { hash, route: parseRoute(hash) };
  return parsed.route;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  window.addEventListener("popstate", listener);
  return () => {
    window.removeEventListener("hashchange", listener);
    window.removeEventListener("popstate", listener);
  };
}

/** Where one is, live. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, read);
}

/** How many steps of the history are ours, so that Back never leaves the app for what was there before it. */
function depth(): number {
  const state = window.history.state as { depth?: number } | null;
  return state?.depth ?? 0;
}

/** Goes somewhere; `replace` leaves no step behind. */
export function go(route: Route, replace = false): void {
  const hash = formatRoute(route);
  if (hash === window.location.hash) return;
  if (replace) window.history.replaceState({ depth: depth() }, "", hash);
  else window.history.pushState({ depth: depth() + 1 }, "", hash);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** Goes back to where one came from, or to `otherwise` if the app was opened here. */
export function goBack(otherwise: Route): void {
  if (depth() > 0) window.history.back();
  else go(otherwise, true);
}
