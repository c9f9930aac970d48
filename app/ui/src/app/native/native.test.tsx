import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, screen, testIds } from "../../../tests/app";
import { one, openApp, sent, two } from "../../../tests/native";

test("the first start asks for a relay, names what is wrong with it, and goes on to logging in", async () => {
  const { native, user } = openApp();
  const address = await screen.findByTestId(testIds.welcomeAddress);
  for (const [typed, words] of [
    ["nowhere.example", "words about unreachable"],
    ["website.example", "words about not_confab"],
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
  const { native, user } = openApp();
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "http://192.168.1.9:5000{Enter}");
  const plain = await screen.findByTestId(testIds.welcomePlain);
  expect(sent(native, "add_account")).toHaveLength(0);
  await user.click(plain);
  await screen.findByTestId(testIds.authScreen);
});

test("one account has no rail; with two one goes back and forth, and each has its badge", async () => {
  const { native, user } = openApp(one);
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
  const { native, user } = openApp(two);
  await user.click(await screen.findByTestId(testIds.railAdd));
  await screen.findByTestId(testIds.welcome);
  await user.click(screen.getByRole("button", { name: "Back" }));
  await screen.findByTestId(testIds.shell);
  await user.click(screen.getAllByTestId(testIds.railAdd)[0]!);
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "three.example{Enter}");
  await screen.findByTestId(testIds.authScreen);
  expect(native.view.accounts.map((account) => account.relay)).toContain("https://three.example");
});

test("without a keychain the person decides, and may put it off", async () => {
  const { native, user } = openApp((app) => {
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

test("the app is told once that the first list is painted", async () => {
  const { native, user } = openApp(two);
  await expect.poll(() => sent(native, "painted").length).toBe(1);
  await user.keyboard("{Control>}1{/Control}");
  await screen.findAllByTestId(testIds.row);
  expect(sent(native, "painted")).toHaveLength(1);
});
