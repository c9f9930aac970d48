import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { createFake } from "../bridge/fake/fake";
import { fakeId } from "../bridge/fake/world";
import type { ConversationsView } from "../bridge/generated/ConversationsView";
import type { ConversationView } from "../bridge/generated/ConversationView";
import type { Request } from "../bridge/generated/Request";
import { concerns } from "../bridge/topics";
import { BridgeProvider } from "./bridge";
import { QueryCache } from "./queries";
import { useQuery } from "./useQuery";

const one = fakeId("conversation", 1);
const two = fakeId("conversation", 2);

function setup() {
  const fake = createFake({ now: () => 1_700_000_000_000 });
  const wrapper = ({ children }: { children: ReactNode }) => <BridgeProvider bridge={fake}>{children}</BridgeProvider>;
  const count = (type: string) => fake.asked.filter((request) => request.type === type).length;
  return { fake, wrapper, count };
}

test("a query is asked again on its topics and on no others", async () => {
  const { fake, wrapper, count } = setup();
  const { result } = renderHook(() => useQuery({ type: "members", conversation: one }), { wrapper });
  await waitFor(() => expect(result.current.data?.members).toHaveLength(2));
  await act(async () => fake.changed({ type: "conversation", conversation: two }, { type: "presence" }, { type: "session" }));
  expect(count("members")).toBe(1);
  await act(async () => fake.changed({ type: "conversation", conversation: one }));
  expect(count("members")).toBe(2);
  await act(async () => fake.changed({ type: "all" }));
  expect(count("members")).toBe(3);
});

test("many changes while an answer is on its way cost one more question", async () => {
  const { fake, wrapper, count } = setup();
  const release = fake.holdNext("conversations");
  const { result } = renderHook(() => useQuery({ type: "conversations", hidden: false }), { wrapper });
  await act(async () => {
    for (let turn = 0; turn < 20; turn += 1) fake.changed({ type: "conversations" });
  });
  expect(count("conversations")).toBe(1);
  await act(async () => release());
  await waitFor(() => expect(result.current.data).toBeDefined());
  await waitFor(() => expect(count("conversations")).toBe(2));
});

test("answers are painted though changes come faster than they do, and never go back", async () => {
  const { fake, wrapper, count } = setup();
  const seen: number[] = [];
  const { result } = renderHook(
    () => {
      const live = useQuery({ type: "session" });
      if (live.data !== undefined && seen.at(-1) !== live.data.behind) seen.push(live.data.behind);
      return live;
    },
    { wrapper },
  );
  await waitFor(() => expect(result.current.data).toBeDefined());
  let release = fake.holdNext("session");
  await act(async () => fake.session({ behind: 101 }));
  // Every answer is overtaken by a change before it comes.
  for (let turn = 2; turn <= 6; turn += 1) {
    const next = fake.holdNext("session");
    await act(async () => fake.session({ behind: 100 + turn }));
    await act(async () => release());
    release = next;
  }
  expect(seen.length).toBeGreaterThan(4);
  expect(seen.slice(1)).toEqual(seen.slice(1).sort((one, other) => one - other));
  const asked = count("session");
  await act(async () => release());
  await waitFor(() => expect(result.current.data?.behind).toBe(106));
  expect(count("session")).toBe(asked);
});

test("a search follows the messages, but not every one of them", async () => {
  vi.useFakeTimers();
  try {
    const fake = createFake({ now: () => Date.now() });
    const queries = new QueryCache(fake);
    const everywhere = { type: "search", text: "a", limit: 30 } as const;
    const inTwo = { type: "search", text: "a", conversation: two, limit: 30 } as const;
    const ends = [everywhere, inTwo].map((request) => queries.subscribe(JSON.stringify(request), request, () => undefined));
    const count = (request: object) => fake.asked.filter((asked) => JSON.stringify(asked) === JSON.stringify(request)).length;
    await vi.advanceTimersByTimeAsync(0);
    for (let turn = 0; turn < 100; turn += 1) {
      fake.changed({ type: "conversation", conversation: one }, { type: "conversations" });
      await vi.advanceTimersByTimeAsync(50);
    }
    // Five seconds of traffic.
    expect(count(everywhere)).toBeGreaterThanOrEqual(5);
    expect(count(everywhere)).toBeLessThanOrEqual(6);
    // The last change is not forgotten.
    const before = count(inTwo);
    fake.changed({ type: "conversation", conversation: two });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(count(inTwo)).toBe(before + 1);
    fake.changed({ type: "conversation", conversation: two });
    for (const end of ends) end();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(count(inTwo)).toBe(before + 1);
  } finally {
    vi.useRealTimers();
  }
});

test("what shows people by name follows their names", () => {
  const people = { type: "people" } as const;
  const follows: Request[] = [
    { type: "conversations", hidden: false },
    { type: "conversation", conversation: one },
    { type: "window", conversation: one, at: { type: "newest" }, limit: 50 },
    { type: "members", conversation: one },
    { type: "search", text: "a", limit: 30 },
    { type: "known_users" },
    { type: "session" },
  ];
  for (const request of follows) expect(concerns(people, request), request.type).toBe(true);
  expect(concerns(people, { type: "draft", conversation: one })).toBe(false);
  expect(concerns(people, { type: "devices" })).toBe(false);
});

test("those who ask the same share one question, and it ends with the last of them", async () => {
  const { fake, wrapper, count } = setup();
  const both = renderHook(() => [useQuery({ type: "session" }), useQuery({ type: "session" })], { wrapper });
  await waitFor(() => expect(both.result.current[1]?.data).toBeDefined());
  expect(count("session")).toBe(1);
  both.unmount();
  await act(async () => undefined);
  fake.changed({ type: "session" });
  expect(count("session")).toBe(1);
});

test("a refusal is told and keeps the last answer", async () => {
  const { fake, wrapper } = setup();
  const { result } = renderHook(() => useQuery({ type: "devices" }), { wrapper });
  await waitFor(() => expect(result.current.data?.devices).toHaveLength(3));
  fake.refuseNext("devices", { code: "offline", message: "x" });
  await act(async () => result.current.refresh());
  await waitFor(() => expect(result.current.problem?.code).toBe("offline"));
  expect(result.current.data?.devices).toHaveLength(3);
});

test("another request does not show the answer of the one before it, unless asked to keep it", async () => {
  const { fake, wrapper } = setup();
  const hook = renderHook(({ id, keep }: { id: string; keep: boolean }) => useQuery({ type: "members", conversation: id }, { keep }), {
    wrapper,
    initialProps: { id: one, keep: false },
  });
  await waitFor(() => expect(hook.result.current.data?.members).toHaveLength(2));
  const release = fake.holdNext("members");
  hook.rerender({ id: two, keep: false });
  expect(hook.result.current.data).toBeUndefined();
  await act(async () => release());
  await waitFor(() => expect(hook.result.current.data?.members).toHaveLength(7));
  const again = fake.holdNext("members");
  hook.rerender({ id: one, keep: true });
  expect(hook.result.current.data?.members).toHaveLength(7);
  await act(async () => again());
  await waitFor(() => expect(hook.result.current.data?.members).toHaveLength(2));
});

test("what is muted is asked for again when the muting ends", async () => {
  vi.useFakeTimers();
  try {
    const fake = createFake({ now: () => Date.now() });
    fake.world.conversations.get(one)!.notify = { level: "all", muted_until: Date.now() + 60_000 };
    const queries = new QueryCache(fake);
    const list = { type: "conversations", hidden: true } as const;
    const single = { type: "conversation", conversation: one } as const;
    for (const request of [list, single]) queries.subscribe(JSON.stringify(request), request, () => undefined);
    const muted = () => {
      const rows = (queries.read(JSON.stringify(list)).data as ConversationsView).rows;
      const view = queries.read(JSON.stringify(single)).data as ConversationView;
      return [rows.find((row) => row.id === one)?.muted, view.row.muted];
    };
    await vi.advanceTimersByTimeAsync(59_000);
    expect(muted()).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(muted()).toEqual([false, false]);
    const asked = fake.asked.length;
    await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1000);
    expect(fake.asked).toHaveLength(asked);
  } finally {
    vi.useRealTimers();
  }
});
