import { act } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { screen, start, testIds } from "../../../tests/app";

afterEach(() => {
  vi.useRealTimers();
  window.sessionStorage.clear();
});

const bar = () => screen.getByTestId(testIds.statusBar).textContent;

test("while all is well it says nothing", async () => {
  await start({ before: (fake) => fake.world.conversations.delete("0000000c-0000-7000-8000-000000000004") });
  expect(bar()).toBe("");
});

test("a page that saw the connection go says since when, how much waits and when it tries again", async () => {
  const { fake, user } = await start();
  await act(async () => fake.session({ connection: "offline", retry_at: new Date(2026, 0, 5, 14, 5, 9).getTime() }));
  expect(bar()).toMatch(/Offline since \d/);
  expect(bar()).toContain("1 waits to be sent");
  expect(bar()).toContain("1 was refused");
  expect(screen.getByTestId(testIds.statusRetry).title).toMatch(/next try is at \d+:05:09/);
  await user.click(screen.getByTestId(testIds.statusRetry));
  expect(fake.asked.some((request) => request.type === "reconnect")).toBe(true);
  await expect.poll(bar).toContain("Connecting");
  await act(async () => fake.session({ connection: "online" }));
  await expect.poll(bar).not.toContain("Connecting");
});

test("tries that fail at once are not seen, one that lasts is", async () => {
  const { fake } = await start();
  await act(async () => fake.session({ connection: "offline", problem: { code: "too_old", message: "x" } }));
  vi.useFakeTimers();
  const before = bar();
  await act(async () => fake.session({ connection: "connecting", problem: null }));
  expect(bar()).toBe(before);
  await act(async () => fake.session({ connection: "offline", problem: { code: "too_old", message: "x" } }));
  expect(bar()).toBe(before);
  await act(async () => fake.session({ connection: "connecting", problem: null }));
  await act(async () => vi.advanceTimersByTimeAsync(1_100));
  expect(bar()).toContain("Connecting");
  await act(async () => fake.session({ connection: "online" }));
  await act(async () => vi.advanceTimersByTimeAsync(100));
  expect(bar()).not.toContain("Connecting");
  expect(bar()).not.toContain("Offline");
});

test("a try that was asked for is seen, though it fails at once", async () => {
  const { fake, user } = await start();
  await act(async () => fake.session({ connection: "offline" }));
  const button = screen.getByTestId(testIds.statusRetry);
  await user.click(button);
  await act(async () => fake.session({ connection: "offline" }));
  expect(bar()).toContain("Connecting");
  expect(document.activeElement).toBe(button);
  await expect.poll(bar, { timeout: 2_000 }).toContain("Offline since");
});

test("a page that opened offline does not claim to know since when", async () => {
  await start({ before: (fake) => fake.session({ connection: "offline" }) });
  expect(bar()).toContain("Offline");
  expect(bar()).not.toContain("since");
});

test("why the connection fails is told, if it is more than being offline", async () => {
  const { fake } = await start();
  await act(async () => fake.session({ connection: "offline", problem: { code: "too_old", message: "x" } }));
  expect(bar()).toContain("too old for the relay");
  await act(async () => fake.session({ problem: { code: "a_code_of_tomorrow", message: "The moon is in the way." } }));
  expect(bar()).toContain("The moon is in the way.");
});

test("catching up is told once it lasts", async () => {
  const { fake } = await start();
  vi.useFakeTimers();
  await act(async () => fake.session({ behind: 12 }));
  expect(bar()).not.toContain("Catching up");
  await act(async () => vi.advanceTimersByTimeAsync(600));
  expect(bar()).toContain("Catching up: 12 conversations");
});

test("storage that does not last is told until it is understood", async () => {
  const { fake, user } = await start();
  await act(async () => fake.session({ storage: "memory" }));
  expect(screen.getByTestId(testIds.statusStorage).textContent).toContain("A reload loses what is unsent");
  await user.click(screen.getByRole("button", { name: "OK" }));
  expect(screen.queryByTestId(testIds.statusStorage)).toBeNull();
  // A worse kind is a new thing to say.
  await act(async () => fake.session({ storage: "persistent" }));
  await act(async () => fake.session({ storage: "outbox_only" }));
  expect(screen.getByTestId(testIds.statusStorage).textContent).toContain("survive a reload");
});

test("a new version is offered and taken only when asked", async () => {
  const { fake, user } = await start();
  const apply = vi.spyOn(fake.updates!, "apply");
  expect(screen.queryByTestId(testIds.statusUpdate)).toBeNull();
  await act(async () => fake.offerUpdate());
  expect(screen.getByTestId(testIds.statusUpdate)).toBeDefined();
  expect(apply).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Reload" }));
  expect(apply).toHaveBeenCalledOnce();
});
