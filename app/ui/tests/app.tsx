/** Renders the app over a fake client. */
import { render, screen, within } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "../src/app/App";
import { createFake, type Fake, type FakeOptions } from "../src/bridge/fake/fake";
import { fakeId } from "../src/bridge/fake/world";
import { testIds } from "../src/testids";

/** Noon of a Tuesday: far from midnight in every zone that a test may run in. */
export const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);

/** A running app. */
export interface Running {
  fake: Fake;
  user: UserEvent;
}

/** Starts the app at an address. */
export async function start(options: FakeOptions & { hash?: string; before?: (fake: Fake) => void } = {}): Promise<Running> {
  const fake = createFake({ now: () => NOON, ...options });
  options.before?.(fake);
  window.location.hash = options.hash ?? "";
  const opening = Promise.resolve(fake);
  render(<App open={() => opening} />);
  const signedOut = options.phase === "signed_out";
  await screen.findByTestId(signedOut ? testIds.authScreen : testIds.shell);
  if (!signedOut && options.empty !== true) await screen.findAllByTestId(testIds.row);
  return { fake, user: userEvent.setup() };
}

/** The list's row of a conversation of the fake. */
export function rowOf(number: number): HTMLElement {
  const id = fakeId("conversation", number);
  const row = screen.getAllByTestId(testIds.row).find((each) => each.dataset["id"] === id);
  if (row === undefined) throw new Error(`conversation ${number} is not in the list`);
  return row;
}

/** The row of a person in whatever list of people is open. */
export function personOf(testId: string, number: number): HTMLElement {
  const id = fakeId("user", number);
  const found = screen.getAllByTestId(testId).find((each) => each.dataset["id"] === id);
  if (found === undefined) throw new Error(`user ${number} is not shown`);
  return found;
}

export { fakeId, screen, testIds, within };
