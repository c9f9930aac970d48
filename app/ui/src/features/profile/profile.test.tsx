import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, screen, start, testIds, within } from "../../../tests/app";

const open = (options: Parameters<typeof start>[0] = {}) => start({ hash: "#/settings", ...options });

test("one's name is changed, and cannot be empty", async () => {
  const { fake, user } = await open();
  const field = await screen.findByTestId(testIds.profileName);
  expect(screen.queryByTestId(testIds.profileSave)).toBeNull();
  await user.clear(field);
  expect(screen.getByTestId(testIds.profileSave)).toHaveProperty("disabled", true);
  await user.type(field, "Robin S.{Enter}");
  await expect.poll(() => fake.world.me.display_name).toBe("Robin S.");
  expect((await screen.findByTestId(testIds.toast)).textContent).toBe("Saved");
});

test("read marks are switched off, and only they", async () => {
  const { fake, user } = await open();
  const toggle = await screen.findByTestId(testIds.shareRead);
  expect(toggle).toHaveProperty("checked", true);
  await user.click(toggle);
  await expect.poll(() => (screen.getByTestId<HTMLInputElement>(testIds.shareRead)).checked).toBe(false);
  const sent = fake.asked.find((request) => request.type === "set_profile");
  expect(sent).toMatchObject({ share_read: false });
  expect(sent).not.toHaveProperty("display_name");
});

test("the theme is kept on this device", async () => {
  const { user } = await open();
  await user.click(within(await screen.findByTestId(testIds.theme)).getByLabelText("Dark"));
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(window.localStorage.getItem("confab.theme")).toBe("dark");
  await user.click(within(screen.getByTestId(testIds.theme)).getByLabelText("System"));
  expect(document.documentElement.dataset["theme"]).toBeUndefined();
  expect(window.localStorage.getItem("confab.theme")).toBeNull();
});

test("another device is logged out after a question; this one is not offered", async () => {
  const { fake, user } = await open();
  const devices = await screen.findAllByTestId(testIds.device);
  expect(devices).toHaveLength(3);
  expect(within(devices[0]!).queryByTestId(testIds.deviceLogOut)).toBeNull();
  await user.click(within(devices[2]!).getByTestId(testIds.deviceLogOut));
  expect(fake.world.devices).toHaveLength(3);
  await user.click(screen.getByTestId(testIds.confirm));
  await expect.poll(() => screen.getAllByTestId(testIds.device)).toHaveLength(2);
});

test("offline the devices are not asked for", async () => {
  const { fake } = await open({ before: (made) => made.session({ connection: "offline" }) });
  expect(await screen.findByText(/listed once you are connected/)).toBeDefined();
  expect(fake.asked.some((request) => request.type === "devices")).toBe(false);
  await act(async () => fake.session({ connection: "online" }));
  expect(await screen.findAllByTestId(testIds.device)).toHaveLength(3);
});

test("a blocked person is unblocked", async () => {
  const { fake, user } = await open({ before: (made) => made.session({ blocked: [fakeId("user", 7)] }) });
  const row = await screen.findByTestId(testIds.blockedUser);
  await expect.poll(() => row.textContent).toContain("Grace Hopper");
  await user.click(within(row).getByRole("button"));
  await expect.poll(() => fake.world.session.blocked).toEqual([]);
});

test("logging out with unsent work asks once more, and nothing is thrown away unasked", async () => {
  const { fake, user } = await open();
  await user.click(await screen.findByTestId(testIds.logout));
  await user.click(screen.getByTestId(testIds.confirm));
  await screen.findByTestId(testIds.logoutDiscard);
  expect(screen.getByText(/2 things that you did have not reached the relay/)).toBeDefined();
  expect(fake.world.session.phase).toBe("signed_in");
  await user.click(screen.getByRole("button", { name: "Stay logged in" }));
  expect(fake.world.session.phase).toBe("signed_in");
  await user.click(screen.getByTestId(testIds.logout));
  await user.click(screen.getByTestId(testIds.confirm));
  await user.click(await screen.findByTestId(testIds.logoutDiscard));
  expect(await screen.findByTestId(testIds.authScreen)).toBeDefined();
  const sent = fake.asked.filter((request) => request.type === "logout");
  expect(sent.map((request) => request.discard_unsent)).toEqual([false, false, true]);
});
