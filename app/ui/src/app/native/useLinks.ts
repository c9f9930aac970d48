import { useCallback, useEffect, useRef } from "react";
import type { LinkView } from "../../bridge/generated/native/LinkView";
import type { ShellView } from "../../bridge/generated/native/ShellView";
import type { Native } from "../../bridge/native";
import { go, type Route } from "../route";

interface Does {
  /** The app has selected the account that a link leads to. */
  account: () => void;
  /** A link leads to a relay without an account: what of it is to be opened once there is one. */
  relay: (address: string, place: Route) => void;
}

function placeOf({ conversation, seq }: LinkView): Route {
  if (conversation === null) return { page: "list" };
  return { page: "conversation", conversation, details: false, ...(seq === null ? {} : { seq }) };
}

/**
 * Follows deep links and clicked notifications. Where nobody is logged in yet, the place is kept until somebody is. Gives
 * the function that keeps a place for an account.
 */
export function useLinks(native: Native, view: ShellView, does: Does): (account: number, place: Route) => void {
  const latest = useRef({ view, does });
  const waiting = useRef<{ account: number; place: Route } | null>(null);
  const follow = useCallback(() => {
    if (waiting.current === null) return;
    const { account, place } = waiting.current;
    const { accounts, selected } = latest.current.view;
    const user = accounts.find((other) => other.account === account)?.user ?? null;
    if (selected !== account || user === null) return;
    waiting.current = null;
    go(place);
  }, []);
  useEffect(() => {
    latest.current = { view, does };
    follow();
  });
  const keep = useCallback(
    (account: number, place: Route) => {
      waiting.current = { account, place };
      follow();
    },
    [follow],
  );
  useEffect(() => {
    const take = () => {
      native.request({ type: "take_link" }).then(
        (link) => {
          const place = placeOf(link);
          if (link.account !== null) {
            latest.current.does.account();
            keep(link.account, place);
          } else if (link.relay !== null) latest.current.does.relay(link.relay, place);
        },
        () => undefined,
      );
    };
    take();
    return native.subscribe((event) => {
      if (event.type === "link") take();
    });
  }, [native, keep]);
  return keep;
}
