import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { screen, testIds } from "../../../tests/app";
import { openApp, sent, two } from "../../../tests/native";

test("the settings of this device are switched at once, and only those of the app", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>},{/Control}");
  await user.click(await screen.findByTestId(testIds.deviceNotifyText));
  expect(sent(native, "set").at(-1)).toEqual({ type: "set", settings: { notify_text: false } });
  await user.click(screen.getByTestId(testIds.deviceAutostart));
  await expect.poll(() => native.view.system.autostart).toBe(true);
  await user.keyboard("{Control>}{+}{/Control}");
  await expect.poll(() => screen.getByTestId(testIds.deviceZoom).textContent).toBe("110 %");
  // Faster than the app answers.
  await act(async () => {
    for (let press = 0; press < 2; press += 1) window.dispatchEvent(new KeyboardEvent("keydown", { key: "+", ctrlKey: true }));
  });
  await expect.poll(() => screen.getByTestId(testIds.deviceZoom).textContent).toBe("150 %");
  await user.keyboard("{Control>}0{/Control}");
  await expect.poll(() => screen.getByTestId(testIds.deviceZoom).textContent).toBe("100 %");
});

test("a view from before a press of a zoom key does not take the press back", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>},{/Control}");
  const press = () => window.dispatchEvent(new KeyboardEvent("keydown", { key: "+", ctrlKey: true }));
  const answer = native.request.bind(native);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  // The app has not got to the press yet when it tells of something else.
  native.request = (request) => (request.type === "set" ? held.then(() => answer(request)) : answer(request));
  await act(async () => void press());
  native.view.accounts[0]!.unread = 7;
  await act(async () => native.changed());
  await expect.poll(() => document.body.textContent).toContain("7");
  await act(async () => void press());
  await act(async () => release());
  await expect.poll(() => screen.getByTestId(testIds.deviceZoom).textContent).toBe("125 %");
});


test("the buttons of the zoom lose no press that comes before the answer, also between those of the keys", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>},{/Control}");
  const larger = await screen.findByTestId(testIds.deviceZoomIn);
  const release = native.hold("set");
  await user.click(larger);
  await user.keyboard("{Control>}{+}{/Control}");
  await user.click(larger);
  await user.click(larger);
  await user.click(screen.getByTestId(testIds.deviceZoomOut));
  await act(async () => release());
  await expect.poll(() => screen.getByTestId(testIds.deviceZoom).textContent).toBe("150 %");
  expect(sent(native, "set").map(({ settings }) => settings.zoom)).toEqual([1.1, 1.25, 1.5, 1.75, 1.5]);
});

test("a zoom that is refused is told, and the next press begins where everything stands", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>},{/Control}");
  const larger = await screen.findByTestId(testIds.deviceZoomIn);
  native.refuseNext("set", { code: "forbidden", message: "The disk is away." });
  await user.click(larger);
  expect(await screen.findByText("The disk is away.")).toBeDefined();
  await user.click(larger);
  await expect.poll(() => screen.getByTestId(testIds.deviceZoom).textContent).toBe("110 %");
});

test("each system has the switches that do something there", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>},{/Control}");
  const there = () =>
    [testIds.deviceNotify, testIds.deviceCloseToTray, testIds.deviceSpellCheck, testIds.deviceZoom].map((id) => screen.queryByTestId(id) !== null);
  await screen.findByTestId(testIds.deviceSettings);
  for (const [name, switches] of [
    ["linux", [true, true, true, true]],
    ["windows", [true, true, false, true]],
    ["macos", [true, true, false, true]],
    ["android", [true, false, false, false]],
    ["ios", [true, false, false, false]],
  ] as const) {
    native.view.system.name = name;
    await act(async () => native.changed());
    expect(there(), name).toEqual(switches);
  }
});

test("a system that does not start Confab at login is not passed over in silence", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>},{/Control}");
  const answer = native.request.bind(native);
  // It does as it is asked and changes nothing.
  native.request = (request) => answer(request.type === "set" ? { ...request, settings: {} } : request);
  await user.click(await screen.findByTestId(testIds.deviceAutostart));
  expect((await screen.findByTestId(testIds.deviceAutostartFailed)).textContent).toContain("did not let Confab");
  native.request = answer;
  await user.click(screen.getByTestId(testIds.deviceAutostart));
  await expect.poll(() => native.view.system.autostart).toBe(true);
  expect(screen.queryByTestId(testIds.deviceAutostartFailed)).toBeNull();
});
