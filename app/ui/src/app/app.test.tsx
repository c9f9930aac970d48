import { act, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { fakeId, screen, start, testIds } from "../../tests/app";
import { BridgeProblem } from "../bridge/bridge";
import { createFake } from "../bridge/fake/fake";
import { FOREVER_MS } from "../bridge/notify";
import { BridgeProvider } from "../hooks/bridge";
import { App } from "./App";
import { formatRoute, go, parseRoute } from "./route";
import { Shell } from "./Shell";

test("every address is read as it was written, and a strange one is the list", () => {
  const conversation = fakeId("conversation", 1);
  for (const route of [
    { page: "list" },
    { page: "search" },
    { page: "settings" },
    { page: "conversation", conversation, details: false },
    { page: "conversation", conversation, details: true },
    { page: "conversation", conversation, details: false, seq: 41 },
  ] as const) {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  }
  for (const strange of ["", "#", "#/c/../../x", `#/c/${conversation}/m/-1`, "#/settings/x", "#/c/<script>"]) {
    expect(parseRoute(strange)).toEqual({ page: "list" });
  }
});

test("a bridge that does not open is told in words", async () => {
  const failed = Promise.reject(new BridgeProblem({ code: "internal_client", message: "x" }));
  failed.catch(() => undefined);
  render(<App open={() => failed} />);
  expect((await screen.findByRole("alert")).textContent).toContain("Reload the page");
});

test("the client is told what is in sight: the open conversation and whom to watch", async () => {
  const { fake, user } = await start();
  const watches = () => fake.asked.filter((request) => request.type === "watch");
  await expect.poll(() => watches().length).toBe(1);
  expect(watches()[0]).not.toHaveProperty("conversation");
  expect(watches()[0]!.users).toContain(fakeId("user", 1));
  await user.click(screen.getAllByTestId(testIds.row).find((row) => row.dataset["id"] === fakeId("conversation", 2))!);
  await expect.poll(() => watches().at(-1)).toMatchObject({ conversation: fakeId("conversation", 2) });
  await expect.poll(() => watches().at(-1)?.users).toContain(fakeId("user", 4));
  expect(watches().at(-1)?.users).not.toContain(fakeId("user", 255));
  // Another tab took over: its client knows nothing of this screen.
  const before = watches().length;
  await act(async () => fake.changed({ type: "all" }));
  expect(watches().length).toBeGreaterThan(before);
});

test("a screen reader hears of messages elsewhere, gathered", async () => {
  const { fake } = await start();
  const words = () => screen.getByTestId(testIds.liveRegion).textContent;
  await act(async () => fake.incoming(fakeId("conversation", 2), fakeId("user", 5), "The tide is early"));
  await expect.poll(words).toBe("Éva Szabó in Harbour crew: The tide is early");
  const before = screen.getByTestId(testIds.liveRegion).firstChild;
  await act(async () => fake.incoming(fakeId("conversation", 2), fakeId("user", 5), "The tide is early"));
  // The same words once more are heard once more: what is said is a new element.
  await expect.poll(() => screen.getByTestId(testIds.liveRegion).firstChild).not.toBe(before);
  expect(words()).toBe("Éva Szabó in Harbour crew: The tide is early");
  await act(async () => {
    for (let number = 0; number < 5; number += 1) fake.incoming(fakeId("conversation", 1), fakeId("user", 1), `${number}`);
  });
  await expect.poll(words).toBe("5 new messages");
});

test("a screen reader hears of a muted conversation only while it is the one in view", async () => {
  const { fake, user } = await start();
  const [ada, crew] = [fakeId("conversation", 1), fakeId("conversation", 2)];
  fake.world.conversations.get(crew)!.notify = { level: "all", muted_until: FOREVER_MS };
  await act(async () => fake.incoming(crew, fakeId("user", 5), "The tide is early"));
  await act(async () => fake.incoming(ada, fakeId("user", 1), "Good morning"));
  const words = () => screen.getByTestId(testIds.liveRegion).textContent;
  await expect.poll(words).toContain("Good morning");
  expect(words()).not.toContain("tide");
  await user.click(screen.getAllByTestId(testIds.row).find((row) => row.dataset["id"] === crew)!);
  await screen.findByTestId(testIds.conversationLive);
  await act(async () => fake.incoming(crew, fakeId("user", 5), "It is here"));
  expect(screen.getByTestId(testIds.conversationLive).textContent).toContain("It is here");
});

test("on a phone a conversation beneath its details is not in view, and its members are", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation(
    (query) => ({ matches: query.includes("max-width"), addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList,
  );
  const crew = fakeId("conversation", 2);
  const { fake } = await start({ hash: `#/c/${crew}` });
  const last = () => fake.asked.filter((request) => request.type === "watch").at(-1);
  await expect.poll(() => last()?.conversation).toBe(crew);
  await act(async () => go({ page: "conversation", conversation: crew, details: true }));
  await expect.poll(last).not.toHaveProperty("conversation");
  expect(last()?.users).toContain(fakeId("user", 4));
  await act(async () => fake.incoming(crew, fakeId("user", 5), "The tide is early"));
  await expect.poll(() => screen.getByTestId(testIds.liveRegion).textContent).toContain("tide");
});

test("trouble that belongs to no request is shown", async () => {
  const { fake } = await start();
  await act(async () => fake.emit({ type: "trouble", problem: { code: "storage", message: "The local database failed: x" } }));
  expect(screen.getByTestId(testIds.toast).textContent).toContain("failed: x");
});

test("a change that was refused later is named", async () => {
  const { fake } = await start();
  const problem = { code: "forbidden", message: "Only admins may do that." };
  await act(async () => fake.emit({ type: "trouble", problem, refused: { change: "rename", name: "Harbour crew" } }));
  expect(screen.getByTestId(testIds.toast).textContent).toContain("The new name of Harbour crew was refused. Only admins may do that.");
});

test("trouble from before the screen was there is shown once it is, and once", async () => {
  const bridge = createFake();
  const app = (screens: ReactNode) => <BridgeProvider bridge={bridge}>{screens}</BridgeProvider>;
  const { rerender } = render(app(null));
  bridge.emit({ type: "trouble", problem: { code: "storage", message: "The local database failed: x" } });
  rerender(app(<Shell />));
  expect((await screen.findByTestId(testIds.toast)).textContent).toContain("failed: x");
  rerender(app(null));
  rerender(app(<Shell />));
  await screen.findByTestId(testIds.shell);
  expect(screen.queryByTestId(testIds.toast)).toBeNull();
});

test("Alt and the arrows go to the neighbours in the list", async () => {
  const { user } = await start();
  const rows = screen.getAllByTestId(testIds.row).map((row) => row.dataset["id"]);
  await user.keyboard("{Alt>}{ArrowDown}{ArrowDown}{/Alt}");
  await expect.poll(() => window.location.hash).toBe(`#/c/${rows[1]}`);
  await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
  await expect.poll(() => window.location.hash).toBe(`#/c/${rows[0]}`);
});
