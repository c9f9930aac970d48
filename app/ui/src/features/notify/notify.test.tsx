import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, rowOf, screen, start, testIds, within } from "../../../tests/app";
import type { Notice, Notices, NoticesState } from "../../bridge/bridge";
import type { Fake } from "../../bridge/fake/fake";
import { FOREVER_MS } from "../../bridge/notify";

const crew = fakeId("conversation", 2);
const person = fakeId("user", 5);

/** A system that shows notifications, and what it shows. */
function system(answer: NoticesState): { notices: Notices; shown: Map<string, Notice>; press: (conversation: string) => void } {
  const shown = new Map<string, Notice>();
  let state: NoticesState = "default";
  let pressed: (conversation: string) => void = () => undefined;
  const notices: Notices = {
    state: () => state,
    ask: async () => (state = answer),
    show: async (notice) => void shown.set(notice.conversation, notice),
    withdraw: async (conversation) => void shown.delete(conversation),
    onOpen: (listener) => {
      pressed = listener;
      return () => undefined;
    },
  };
  return { notices, shown, press: (conversation) => pressed(conversation) };
}

const withNotices = (notices: Notices) => (fake: Fake) => void Object.assign(fake, { notices });

async function turnOn(user: Awaited<ReturnType<typeof start>>["user"]): Promise<void> {
  await user.click(await screen.findByTestId(testIds.noticesOn));
}

test("a conversation is muted from its line, and counts no more until it is told again", async () => {
  const { fake, user } = await start();
  await act(async () => fake.incoming(crew, person, "first"));
  const waiting = () => Number(/\d+/.exec(document.title)?.[0] ?? 0);
  const before = waiting();
  await user.pointer({ keys: "[MouseRight]", target: rowOf(2) });
  await user.click(screen.getByRole("menuitem", { name: "Mute" }));
  expect(await screen.findByTestId(testIds.rowMuted)).toBeTruthy();
  expect(fake.world.conversations.get(crew)!.notify).toEqual({ level: "all", muted_until: FOREVER_MS });
  expect(waiting()).toBe(before - 1);
  await user.pointer({ keys: "[MouseRight]", target: rowOf(2) });
  await user.click(screen.getByRole("menuitem", { name: "Unmute" }));
  await expect.poll(() => screen.queryByTestId(testIds.rowMuted)).toBeNull();
  expect(waiting()).toBe(before);
});

test("the details choose of what to be told and for how long of nothing", async () => {
  const { fake, user } = await start({ hash: `#/c/${crew}/details`, now: () => Date.now() });
  await user.click(await screen.findByTestId(testIds.notifyOpen));
  await user.click(within(screen.getByTestId(testIds.notifyLevel)).getByLabelText("Mentions"));
  const begin = Date.now();
  await user.click(screen.getByTestId(`${testIds.notifyMute}-hour`));
  expect(await screen.findByTestId(testIds.notifyMuted)).toBeTruthy();
  const { level, muted_until } = fake.world.conversations.get(crew)!.notify;
  expect(level).toBe("mentions");
  expect(muted_until).toBeGreaterThanOrEqual(begin + 3_600_000);
  expect(muted_until).toBeLessThanOrEqual(Date.now() + 3_600_000);
  await user.click(screen.getByTestId(testIds.notifyUnmute));
  expect(await screen.findByTestId(`${testIds.notifyMute}-week`)).toBeTruthy();
  expect(fake.world.conversations.get(crew)!.notify).toEqual({ level: "mentions", muted_until: 0 });
});

test("the level and the muting that come before the next answer do not undo each other", async () => {
  const { fake, user } = await start({ hash: `#/c/${crew}/details`, now: () => Date.now() });
  await user.click(await screen.findByTestId(testIds.notifyOpen));
  const level = within(screen.getByTestId(testIds.notifyLevel));
  // What is shown is from before both.
  const release = fake.holdNext("conversation");
  await act(async () => fake.changed({ type: "conversation", conversation: crew }));
  await user.click(level.getByLabelText("Mentions"));
  await user.click(screen.getByTestId(`${testIds.notifyMute}-forever`));
  expect(fake.world.conversations.get(crew)!.notify).toEqual({ level: "mentions", muted_until: FOREVER_MS });
  await act(async () => release());
  expect(await screen.findByTestId(testIds.notifyMuted)).toBeTruthy();
  // Another device has the last word, and what is done here goes on from there.
  await act(async () => {
    await fake.request({ type: "set_notify", id: fakeId("message", 1), conversation: crew, notify: { level: "nothing", muted_until: 0 } });
  });
  await user.click(await screen.findByTestId(`${testIds.notifyMute}-forever`));
  expect(fake.world.conversations.get(crew)!.notify).toEqual({ level: "nothing", muted_until: FOREVER_MS });
});

test("notifications are asked for, shown, kept quiet where muted, and taken back when read", async () => {
  const { notices, shown, press } = system("granted");
  const { fake, user } = await start({ hash: "#/settings", before: withNotices(notices) });
  await act(async () => fake.incoming(crew, person, "before anyone asked"));
  expect(shown.size).toBe(0);
  await turnOn(user);
  await act(async () => fake.incoming(crew, person, "The tide is early"));
  expect(shown.get(crew)).toEqual({ conversation: crew, title: "Harbour crew", body: "Éva Szabó: The tide is early" });
  await user.click(screen.getByTestId(testIds.noticesText));
  await act(async () => fake.incoming(crew, person, "A secret"));
  expect(JSON.stringify(shown.get(crew))).not.toMatch(/secret|Harbour|Éva/);
  await act(async () => press(crew));
  await expect.poll(() => location.hash).toBe(`#/c/${crew}`);
  // Read on another device.
  await act(async () => {
    await fake.request({ type: "mark_read", conversation: crew, seq: 1_000_000 });
  });
  await expect.poll(() => shown.size).toBe(0);
  fake.world.conversations.get(crew)!.notify = { level: "mentions", muted_until: 0 };
  await act(async () => fake.incoming(crew, person, "not for me"));
  expect(shown.size).toBe(0);
  await act(async () => fake.incoming(crew, person, "@robin for you", [fakeId("user", 255)]));
  expect(shown.size).toBe(1);
});

test("a browser that refuses is told apart from a person who does not want to", async () => {
  const { notices, shown } = system("denied");
  const { fake, user } = await start({ hash: "#/settings", before: withNotices(notices) });
  await turnOn(user);
  expect(await screen.findByText(/does not let this page show/)).toBeTruthy();
  await act(async () => fake.incoming(crew, person, "hello"));
  expect(shown.size).toBe(0);
});

test("where there are no notifications the settings say so", async () => {
  await start({ hash: "#/settings" });
  expect(await screen.findByText(/shows no notifications for this page/)).toBeTruthy();
});
