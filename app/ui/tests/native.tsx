/** Renders the native app over its fake. */
import { render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "../src/app/App";
import { createFakeNative, type FakeNative } from "../src/bridge/fake/native";
import type { ShellRequest } from "../src/bridge/generated/native/ShellRequest";
import { NOON } from "./app";

/** Starts the app, `prepare`d before anything is shown. */
export function openApp(prepare?: (native: FakeNative) => void): { native: FakeNative; user: UserEvent } {
  const native = createFakeNative();
  prepare?.(native);
  const opening = Promise.resolve(native);
  render(<App open={() => opening} />);
  return { native, user: userEvent.setup() };
}

/** Somebody is logged in at one relay. */
export const one = (native: FakeNative): void => void native.signedIn("https://one.example", { now: () => NOON });

/** Somebody is logged in at two relays; the second one is shown and has no conversation. */
export function two(native: FakeNative): void {
  one(native);
  native.signedIn("https://two.example", { now: () => NOON, empty: true });
}

/** What the app was asked of a kind. */
export function sent<T extends ShellRequest["type"]>(native: FakeNative, type: T): Extract<ShellRequest, { type: T }>[] {
  return native.asked.filter((request) => request.type === type) as Extract<ShellRequest, { type: T }>[];
}
