import { act, render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeId, NOON, screen, testIds } from "../../../tests/app";
import { createFakeNative, type FakeNative } from "../../bridge/fake/native";
import { App } from "../App";

function open(prepare?: (native: FakeNative) => void): { native: FakeNative; user: UserEvent } {
  const native = createFakeNative();
  prepare?.(native);
  const opening = Promise.resolve(native);
  render(<App open={() => opening} />);
  return { native, user: userEvent.setup() };
}

const two = (native: FakeNative) => {
  native.signedIn("https://one.example", { now: () => NOON });
  native.signedIn("https://two.example", { now: () => NOON, empty: true });
};

const sent = (native: FakeNative, type: string) => native.asked.filter((request) => request.type === type);

test("the first start asks for a relay, names what is wrong with it, and goes on to logging in", async () => {
  const { native, user } = open();
  const address = await screen.findByTestId(testIds.welcomeAddress);
  for (const [typed, words] of [
    ["nowhere.example", "words about unreachable"],
    ["website.example", "not a Confab relay"],
    ["wrong-cert.example", "words about certificate"],
    ["old.example", "too old"],
  ] as const) {
    await user.clear(address);
    await user.type(address, `${typed}{Enter}`);
    await expect.poll(() => screen.queryByTestId(testIds.welcomeProblem)?.textContent).toContain(words);
  }
  expect(sent(native, "add_account")).toHaveLength(0);
  await user.clear(address);
  expect(screen.queryByTestId(testIds.welcomeProblem)).toBeNull();
  await user.type(address, "chat.example{Enter}");
  const auth = await screen.findByTestId(testIds.authScreen);
  expect(auth.textContent).toContain("https://chat.example");
  // Not the right one after all.
  await user.click(screen.getByTestId(testIds.leaveRelay));
  await screen.findByTestId(testIds.welcome);
  expect(native.view.accounts).toHaveLength(0);
});

test("a relay without encryption is used only when the person says so", async () => {
  const { native, user } = open();
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "http://192.168.1.9:5000{Enter}");
  const plain = await screen.findByTestId(testIds.welcomePlain);
  expect(sent(native, "add_account")).toHaveLength(0);
  await user.click(plain);
  await screen.findByTestId(testIds.authScreen);
});

test("one account has no rail; with two one goes back and forth, and each has its badge", async () => {
  const { native, user } = open((app) => app.signedIn("https://one.example", { now: () => NOON }));
  await screen.findAllByTestId(testIds.row);
  expect(screen.queryByTestId(testIds.rail)).toBeNull();
  await act(async () => {
    const second = native.signedIn("https://two.example", { empty: true });
    native.view.selected = 1;
    second.unread = 120;
    native.changed();
  });
  const accounts = await screen.findAllByTestId(testIds.railAccount);
  expect(accounts.map((account) => account.getAttribute("aria-current"))).toEqual(["true", "false"]);
  expect(accounts[1]?.getAttribute("aria-label")).toContain("120 unread");
  expect(accounts[1]?.textContent).toContain("99+");
  window.location.hash = `#/c/${fakeId("conversation", 1)}`;
  await user.click(accounts[1]!);
  await screen.findByTestId(testIds.listEmpty);
  expect(window.location.hash).toBe("#/");
  await user.keyboard("{Control>}1{/Control}");
  await screen.findAllByTestId(testIds.row);
  expect(native.view.selected).toBe(1);
});

test("one more account can be added and the way back is open", async () => {
  const { native, user } = open(two);
  await user.click(await screen.findByTestId(testIds.railAdd));
  await screen.findByTestId(testIds.welcome);
  await user.click(screen.getByRole("button", { name: "Back" }));
  await screen.findByTestId(testIds.shell);
  await user.click(screen.getAllByTestId(testIds.railAdd)[0]!);
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "three.example{Enter}");
  await screen.findByTestId(testIds.authScreen);
  expect(native.view.accounts.map((account) => account.relay)).toContain("https://three.example");
});

test("an account that cannot be opened says why and leaves the others alone", async () => {
  const { user } = open((native) => {
    two(native);
    native.view.accounts[1]!.problem = { code: "storage", message: "It was written by a newer version." };
  });
  expect((await screen.findByTestId(testIds.accountBroken)).textContent).toContain("newer version");
  await user.click(screen.getAllByTestId(testIds.railAccount)[0]!);
  await screen.findByTestId(testIds.shell);
});

test("an app that cannot use its folder says so in its own words", async () => {
  const native = createFakeNative();
  const { BridgeProblem } = await import("../../bridge/bridge");
  native.request = () => Promise.reject(new BridgeProblem({ code: "in_use", message: "Confab is running already." }));
  render(<App open={() => Promise.resolve(native)} />);
  expect((await screen.findByRole("alert")).textContent).toContain("running already");
});

test("without a keychain the person decides, and may put it off", async () => {
  const { native, user } = open((app) => {
    app.view.secrets = { state: "closed", why: "missing", detail: "No program offers it." };
  });
  const dialog = await screen.findByTestId(testIds.secrets);
  expect(dialog.textContent).toContain("no keychain");
  expect(dialog.textContent).toContain("No program offers it.");
  await user.click(screen.getByRole("button", { name: "Not now" }));
  expect(screen.queryByTestId(testIds.secrets)).toBeNull();
  await user.click(screen.getByRole("button", { name: "What to do" }));
  await user.click(screen.getByTestId(testIds.secretsRetry));
  expect(sent(native, "keep_secrets").at(-1)).toEqual({ type: "keep_secrets", place: "keychain" });
  await screen.findByTestId(testIds.secrets);
  await user.click(screen.getByTestId(testIds.secretsFile));
  await expect.poll(() => screen.queryByTestId(testIds.secrets)).toBeNull();
  expect(screen.queryByTestId(testIds.secretsLine)).toBeNull();
});

test("a link opens the conversation of the account that the app chose", async () => {
  const { native } = open(two);
  await screen.findByTestId(testIds.listEmpty);
  await act(async () => {
    native.view.selected = 1;
    native.changed();
    native.link({ account: 1, conversation: fakeId("conversation", 2) });
  });
  await expect.poll(() => window.location.hash).toBe(`#/c/${fakeId("conversation", 2)}`);
  await act(async () => native.link({ relay: "https://elsewhere.example" }));
  expect((await screen.findByTestId<HTMLInputElement>(testIds.welcomeAddress)).value).toBe("https://elsewhere.example");
});

test("the settings of this device are switched at once, and only those of the app", async () => {
  const { native, user } = open(two);
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
  const { native, user } = open(two);
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

test("the app is told once that the first list is painted", async () => {
  const { native, user } = open(two);
  await expect.poll(() => sent(native, "painted").length).toBe(1);
  await user.keyboard("{Control>}1{/Control}");
  await screen.findAllByTestId(testIds.row);
  expect(sent(native, "painted")).toHaveLength(1);
});
