/** What the tests of this feature share. Not part of the product: only tests import it. */
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { type ReactElement, useState } from "react";
import { expect } from "vitest";
import type { Request } from "../../bridge/generated/Request";
import { BridgeProvider } from "../../hooks/bridge";
import { testIds } from "../../testids";
import { ConversationScreen, type ConversationScreenProps } from "./ConversationScreen";
import { forgetPlaces } from "./model/place";

// eslint-disable-next-line no-restricted-imports -- tests run over the fake client
import { createFake, type Fake } from "../../bridge/fake/fake";
// eslint-disable-next-line no-restricted-imports -- tests run over the fake client
import { fakeId } from "../../bridge/fake/world";

/** The conversations of the fake's world, by what they are for. */
export const rooms = {
  ada: fakeId("conversation", 1),
  team: fakeId("conversation", 2),
  long: fakeId("conversation", 3),
  failed: fakeId("conversation", 4),
  draft: fakeId("conversation", 5),
  notes: fakeId("conversation", 6),
  removed: fakeId("conversation", 20),
};

export const person = (number: number): string => fakeId("user", number);

/** The height of what is seen and of each row in the tests' plain layout, in pixels. */
export const SEEN = 600;
export const ROW = 50;

function heightOf(element: HTMLElement): number {
  if (element.dataset["testid"] === testIds.messageList) return Number(element.dataset["height"] ?? SEEN);
  if (element.dataset["key"] !== undefined) return Number(element.dataset["height"] ?? ROW);
  if (element.getAttribute("role") === "list") {
    return Array.from(element.children, (child) => heightOf(child as HTMLElement)).reduce(
      (sum, height) => sum + height,
      0,
    );
  }
  return Number.parseFloat(element.style.height) || 0;
}

function topOf(element: HTMLElement): number {
  const scroller = element.closest(`[data-testid=${testIds.messageList}]`);
  if (scroller === null || scroller === element) return 0;
  let top = element.parentElement === null || element.parentElement === scroller ? 0 : topOf(element.parentElement);
  for (let before = element.previousElementSibling; before !== null; before = before.previousElementSibling) {
    top += heightOf(before as HTMLElement);
  }
  return top;
}

const scrollHeightOf = (element: HTMLElement): number =>
  Array.from(element.children, (child) => heightOf(child as HTMLElement)).reduce((sum, height) => sum + height, 0);

const tops = new WeakMap<HTMLElement, number>();
const bounded = (element: HTMLElement, top: number): number =>
  Math.max(0, Math.min(top, scrollHeightOf(element) - heightOf(element)));

/** Gives the elements a plain layout, which the test environment lacks: rows below each other, all of one height. */
export function layElementsOut(): void {
  const number = (
    name: string,
    get: (element: HTMLElement) => number,
    set?: (element: HTMLElement, value: number) => void,
  ) => {
    Object.defineProperty(HTMLElement.prototype, name, {
      configurable: true,
      get(this: HTMLElement) {
        return get(this);
      },
      set(this: HTMLElement, value: number) {
        set?.(this, value);
      },
    });
  };
  number("offsetHeight", heightOf);
  number("offsetTop", topOf);
  number("clientHeight", heightOf);
  number("scrollHeight", scrollHeightOf);
  number(
    "scrollTop",
    (element) => bounded(element, tops.get(element) ?? 0),
    (element, value) => tops.set(element, bounded(element, value)),
  );
  HTMLElement.prototype.scrollTo = function (this: HTMLElement, to?: unknown) {
    this.scrollTop = (to as ScrollToOptions).top ?? 0;
    // As in a browser: told after what runs now.
    queueMicrotask(() => fireEvent.scroll(this));
  };
}

/** The same conversations, each with its last few messages alone: drawing many is slow where there is no browser. */
function shorten(fake: Fake): Fake {
  for (const id of [rooms.ada, rooms.team]) {
    const conversation = fake.world.conversations.get(id);
    const cut = (conversation?.messages.length ?? 0) - FEW;
    if (!conversation || cut <= 0) continue;
    conversation.messages.splice(0, cut);
    conversation.messages.forEach((message, place) => (message.seq = place + 1));
    conversation.read -= cut;
    for (const mark of conversation.marks.values()) {
      mark.delivered -= cut;
      mark.read -= cut;
    }
  }
  return fake;
}

const FEW = 14;

/** A conversation on the screen. */
export interface Shown {
  fake: Fake;
  user: UserEvent;
  input: () => HTMLTextAreaElement;
  /** The requests of a type so far. */
  asked: <T extends Request["type"]>(type: T) => Extract<Request, { type: T }>[];
  messages: () => HTMLElement[];
  unmount: () => void;
  rerender: (props: Partial<Props>) => void;
}

type Props = Omit<ConversationScreenProps, "searching" | "onSearching">;

/** As the shell: it remembers whether the conversation is being searched. */
function Searchable(props: Props): ReactElement {
  const [searching, setSearching] = useState(false);
  return <ConversationScreen {...props} searching={searching} onSearching={setSearching} />;
}

/** Shows a conversation and waits until its messages are there. */
export async function show(
  conversation: string,
  props: Partial<Props> = {},
  fake: Fake = shorten(createFake()),
  wait = true,
): Promise<Shown> {
  forgetPlaces();
  layElementsOut();
  const element = (more: Partial<Props>) => (
    <BridgeProvider bridge={fake}>
      <Searchable
        conversation={conversation}
        onBack={() => undefined}
        onDetails={() => undefined}
        onNotify={() => undefined}
        {...props}
        {...more}
      />
    </BridgeProvider>
  );
  const view = render(element({}));
  const messages = () => screen.queryAllByTestId(testIds.message);
  if (wait) await waitFor(() => expect(messages().length).toBeGreaterThan(0), { timeout: 4_000 });
  await act(async () => {
    await Promise.resolve();
  });
  return {
    fake,
    user: userEvent.setup(),
    input: () => screen.getByTestId<HTMLTextAreaElement>(testIds.composerInput),
    asked: (type) => fake.asked.filter((request) => request.type === type) as never,
    messages,
    unmount: () => view.unmount(),
    rerender: (more) => view.rerender(element(more)),
  };
}
