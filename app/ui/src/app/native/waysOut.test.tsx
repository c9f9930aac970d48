import { act, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { screen, testIds } from "../../../tests/app";
import { one, openApp, sent, two } from "../../../tests/native";
import { BridgeProblem } from "../../bridge/bridge";
import { createFakeNative, type FakeNative } from "../../bridge/fake/native";
import { App } from "../App";

const newer = { code: "storage", message: "It was written by a newer version." };

test("an account that cannot be opened says why and leaves the others alone", async () => {
  const { user } = openApp((native) => {
    two(native);
    native.view.accounts[1]!.problem = newer;
  });
  expect((await screen.findByTestId(testIds.accountBroken)).textContent).toContain("newer version");
  await user.click(screen.getAllByTestId(testIds.railAccount)[0]!);
  await screen.findByTestId(testIds.shell);
});

test("an app that cannot use its folder says so in its own words, and does not offer what cannot help", async () => {
  const native = createFakeNative();
  native.request = (request) => {
    native.asked.push(request);
    return Promise.reject(new BridgeProblem({ code: "in_use", message: "Confab is running already." }));
  };
  render(<App open={() => Promise.resolve(native)} />);
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("running already. Use that one");
  expect(alert.textContent).not.toContain("Reload");
  await userEvent.click(screen.getByTestId(testIds.quit));
  expect(native.asked.at(-1)).toEqual({ type: "quit" });
  // The app around the screens may be too broken for that, too.
  expect(await screen.findByText(/Close its window instead/)).toBeDefined();
});

test("a screen of the app that broke can be loaded anew, or the app be ended", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { native, user } = openApp((app) => {
    one(app);
    app.account = () => {
      throw new Error("a bug");
    };
  });
  expect((await screen.findByRole("alert")).textContent).toContain("Nothing that was sent is lost");
  expect(screen.getByRole("button", { name: "Reload" })).toBeDefined();
  await user.click(screen.getByTestId(testIds.quit));
  expect(sent(native, "quit")).toHaveLength(1);
});

test("a broken account that is the only one leads to another one and to the end of the app", async () => {
  const { native, user } = openApp((app) => {
    one(app);
    app.view.accounts[0]!.problem = newer;
  });
  const page = await screen.findByTestId(testIds.accountBroken);
  expect(page.textContent).toContain("one.example");
  expect(page.textContent).not.toContain("other accounts");
  // Somebody is logged in there: the app would not take it away.
  expect(screen.queryByTestId(testIds.brokenRemove)).toBeNull();
  await user.click(screen.getByTestId(testIds.quit));
  expect(sent(native, "quit")).toHaveLength(1);
  await user.click(screen.getByTestId(testIds.brokenAdd));
  await screen.findByTestId(testIds.welcome);
});

test("a broken account of nobody is removed only after a question that says what is lost", async () => {
  const { native, user } = openApp((app: FakeNative) => {
    two(app);
    Object.assign(app.view.accounts[1]!, { problem: newer, user: null });
  });
  await user.click(await screen.findByTestId(testIds.brokenRemove));
  expect(screen.getByText(/anything that was not sent yet/)).toBeDefined();
  expect(sent(native, "remove_account")).toHaveLength(0);
  native.refuseNext("remove_account", { code: "forbidden", message: "The folder is locked." });
  await user.click(screen.getByTestId(testIds.confirm));
  expect(await screen.findByText("The folder is locked.")).toBeDefined();
  await user.click(screen.getByTestId(testIds.confirm));
  await screen.findByTestId(testIds.shell);
  expect(native.view.accounts).toHaveLength(1);
});

test("that another account could not be chosen, or the app not be ended, is told", async () => {
  const { native, user } = openApp(two);
  await screen.findByTestId(testIds.shell);
  native.refuseNext("select", { code: "forbidden", message: "The disk is away." });
  await user.click(screen.getAllByTestId(testIds.railAccount)[0]!);
  expect((await screen.findByTestId(testIds.toast)).textContent).toContain("The disk is away.");
  native.refuseNext("quit", { code: "forbidden", message: "Not yet." });
  await user.keyboard("{Control>}q{/Control}");
  await expect.poll(() => screen.getByTestId(testIds.toast).textContent).toContain("Not yet.");
});

test("a relay that cannot be left says why", async () => {
  const { native, user } = openApp();
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "chat.example{Enter}");
  await screen.findByTestId(testIds.authScreen);
  native.refuseNext("remove_account", { code: "forbidden", message: "The disk is away." });
  await user.click(screen.getByTestId(testIds.leaveRelay));
  expect((await screen.findByTestId(testIds.leaveRelayProblem)).textContent).toContain("The disk is away.");
});

test("an app that is too old for the relay is to be replaced, which no reload does", async () => {
  const { native } = openApp(one);
  await screen.findByTestId(testIds.shell);
  await act(async () => native.fake(1).session({ connection: "offline", problem: { code: "too_old", message: "x" } }));
  const words = () => screen.getByTestId(testIds.statusConnection).textContent;
  await expect.poll(words).toContain("Install the newest one");
  expect(words()).not.toContain("Reload");
});

test("a certificate that is not trusted comes with what to do about it", async () => {
  const { native, user } = openApp();
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "wrong-cert.example{Enter}");
  const problem = await screen.findByTestId(testIds.welcomeProblem);
  expect(problem.textContent).toMatch(/^words about certificate.*clock.*install its authority/);
  await act(async () => one(native));
  await act(async () => native.changed());
  await screen.findByTestId(testIds.shell);
  await act(async () => native.fake(1).session({ connection: "offline", problem: { code: "certificate", message: "Not trusted." } }));
  await expect.poll(() => screen.getByTestId(testIds.statusConnection).textContent).toMatch(/no longer trusts.*clock/);
});

test("nothing of an account is in view beside another one, one that is broken, or the way to a new one", async () => {
  const { native, user } = openApp(two);
  const last = (account: number) => native.fake(account).asked.filter((request) => request.type === "watch").at(-1);
  await screen.findByTestId(testIds.shell);
  await user.keyboard("{Control>}1{/Control}");
  await user.click((await screen.findAllByTestId(testIds.row))[0]!);
  await expect.poll(() => last(1)).toHaveProperty("conversation");
  await user.keyboard("{Control>}{Shift>}n{/Shift}{/Control}");
  await screen.findByTestId(testIds.welcome);
  expect(last(1)).toEqual({ type: "watch", users: [] });
  await user.click(screen.getByRole("button", { name: "Back" }));
  await expect.poll(() => last(1)).toHaveProperty("conversation");
  native.view.accounts[1]!.problem = newer;
  await user.keyboard("{Control>}2{/Control}");
  await screen.findByTestId(testIds.accountBroken);
  expect(last(1)).toEqual({ type: "watch", users: [] });
});

test("the keys of adding an account lose nothing that is typed there already", async () => {
  const { user } = openApp();
  await user.type(await screen.findByTestId(testIds.welcomeAddress), "chat.exa");
  await user.keyboard("{Control>}{Shift>}n{/Shift}{/Control}");
  expect(screen.getByTestId<HTMLInputElement>(testIds.welcomeAddress).value).toBe("chat.exa");
});
