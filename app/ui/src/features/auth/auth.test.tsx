import { expect, test } from "vitest";
import { screen, start, testIds } from "../../../tests/app";

test("a mistake in the form is told at its field and nothing is sent", async () => {
  const { fake, user } = await start({ phase: "signed_out" });
  await user.click(screen.getByTestId(testIds.authSwitch));
  await user.type(screen.getByTestId(testIds.authUsername), "-no");
  await user.type(screen.getByTestId(testIds.authPassword), "short");
  await user.click(screen.getByTestId(testIds.authSubmit));
  expect(screen.getAllByRole("alert")).toHaveLength(3);
  expect(screen.getByTestId(testIds.authUsername).getAttribute("aria-invalid")).toBe("true");
  expect(fake.asked.some((request) => request.type === "register")).toBe(false);
});

test("someone registers and is inside", async () => {
  const { fake, user } = await start({ phase: "signed_out" });
  await user.click(screen.getByTestId(testIds.authSwitch));
  await user.type(screen.getByTestId(testIds.authUsername), "Robin.S");
  await user.type(screen.getByTestId(testIds.authDisplayName), "  Robin  ");
  await user.type(screen.getByTestId(testIds.authPassword), "correct horse");
  await user.click(screen.getByTestId(testIds.authSubmit));
  await screen.findByTestId(testIds.shell);
  const sent = fake.asked.find((request) => request.type === "register");
  expect(sent).toMatchObject({ username: "robin.s", display_name: "Robin", password: "correct horse" });
  expect(sent?.type === "register" && sent.device_name.length > 0).toBe(true);
});

test("a taken name is told in words, and what was typed stays", async () => {
  const { user } = await start({ phase: "signed_out" });
  await user.click(screen.getByTestId(testIds.authSwitch));
  await user.type(screen.getByTestId(testIds.authUsername), "ada");
  await user.type(screen.getByTestId(testIds.authDisplayName), "Ada");
  await user.type(screen.getByTestId(testIds.authPassword), "correct horse{Enter}");
  expect((await screen.findByTestId(testIds.authProblem)).textContent).toContain("taken");
  expect((screen.getByTestId<HTMLInputElement>(testIds.authDisplayName)).value).toBe("Ada");
});

test("a password can be looked at", async () => {
  const { user } = await start({ phase: "signed_out" });
  const field = screen.getByTestId(testIds.authPassword);
  expect(field.getAttribute("type")).toBe("password");
  await user.click(screen.getByRole("button", { name: "Show the password" }));
  expect(field.getAttribute("type")).toBe("text");
});

test("when the relay wants the password again, the cache stays readable and only the same user may log in", async () => {
  const { fake, user } = await start({ phase: "login_needed" });
  expect(screen.getAllByTestId(testIds.row).length).toBeGreaterThan(5);
  expect((screen.getByTestId<HTMLInputElement>(testIds.authUsername)).readOnly).toBe(true);
  await user.type(screen.getByTestId(testIds.authPassword), "wrong password{Enter}");
  expect((await screen.findByTestId(testIds.authProblem)).textContent).toContain("do not match");
  await user.click(screen.getByRole("button", { name: "Not now" }));
  expect(screen.queryByTestId(testIds.loginNeeded)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Log in" }));
  await user.type(screen.getByTestId(testIds.authPassword), "correct horse{Enter}");
  await expect.poll(() => screen.queryByTestId(testIds.loginNeeded)).toBeNull();
  expect(fake.asked.findLast((request) => request.type === "login")).toMatchObject({ username: "robin" });
});
