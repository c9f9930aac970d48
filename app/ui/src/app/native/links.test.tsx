import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, screen, testIds } from "../../../tests/app";
import { one, openApp, sent, two } from "../../../tests/native";
import type { FakeNative } from "../../bridge/fake/native";

const conversation = fakeId("conversation", 2);

test("a link opens the conversation of the account that the app chose", async () => {
  const { native } = openApp(two);
  await screen.findByTestId(testIds.listEmpty);
  await act(async () => {
    native.view.selected = 1;
    native.changed();
    native.link({ account: 1, conversation: conversation });
  });
  await expect.poll(() => window.location.hash).toBe(`#/c/${conversation}`);
  await act(async () => native.link({ relay: "https://elsewhere.example" }));
  expect((await screen.findByTestId<HTMLInputElement>(testIds.welcomeAddress)).value).toBe("https://elsewhere.example");
});


async function logIn(user: ReturnType<typeof openApp>["user"]): Promise<void> {
  await user.type(await screen.findByTestId(testIds.authUsername), "robin");
  await user.type(screen.getByTestId(testIds.authPassword), "correct horse{Enter}");
  await screen.findByTestId(testIds.shell);
}

const follow = (native: FakeNative) => act(async () => native.link({ relay: "https://three.example", conversation, seq: 7 }));

test("a link to a relay without an account opens its conversation once somebody is logged in there", async () => {
  const { native, user } = openApp(one);
  await screen.findByTestId(testIds.shell);
  await follow(native);
  await user.click(await screen.findByTestId(testIds.welcomeSubmit));
  await screen.findByTestId(testIds.authScreen);
  expect(window.location.hash).not.toContain("/c/");
  await logIn(user);
  await expect.poll(() => window.location.hash).toBe(`#/c/${conversation}/m/7`);
});

test("a link's conversation is not looked for at another relay, nor after one thought better of it", async () => {
  const { native, user } = openApp(one);
  await screen.findByTestId(testIds.shell);
  await follow(native);
  const address = await screen.findByTestId(testIds.welcomeAddress);
  await user.clear(address);
  await user.type(address, "four.example{Enter}");
  await logIn(user);
  expect(window.location.hash).toBe("#/");
  await follow(native);
  await user.click(await screen.findByRole("button", { name: "Back" }));
  await user.click(screen.getAllByTestId(testIds.railAdd)[0]!);
  const again = await screen.findByTestId<HTMLInputElement>(testIds.welcomeAddress);
  expect(again.value).toBe("");
  await user.type(again, "three.example{Enter}");
  await logIn(user);
  expect(window.location.hash).toBe("#/");
  expect(sent(native, "add_account").map(({ relay }) => relay)).toEqual(["https://four.example", "https://three.example"]);
});

test("a link into a place that nobody has logged in to yet waits there, and does not lead another account astray", async () => {
  const { native, user } = openApp(one);
  await screen.findByTestId(testIds.shell);
  await act(async () => {
    await native.request({ type: "add_account", relay: "https://three.example" });
  });
  await screen.findByTestId(testIds.authScreen);
  await act(async () => native.link({ account: 2, relay: "https://three.example", conversation }));
  await user.click(screen.getAllByTestId(testIds.railAccount)[0]!);
  await screen.findAllByTestId(testIds.row);
  expect(window.location.hash).toBe("#/");
  await user.click(screen.getAllByTestId(testIds.railAccount)[1]!);
  await logIn(user);
  await expect.poll(() => window.location.hash).toBe(`#/c/${conversation}`);
});
