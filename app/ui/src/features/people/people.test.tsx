import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, personOf, screen, start, testIds } from "../../../tests/app";

const people = () => screen.queryAllByTestId(testIds.person).map((person) => person.dataset["id"]);

test("a conversation with someone known is opened offline", async () => {
  const { fake, user } = await start({ before: (made) => made.session({ connection: "offline" }) });
  await user.click(screen.getByTestId(testIds.newButton));
  await user.type(await screen.findByTestId(testIds.peopleSearch), "hopp");
  await expect.poll(people).toEqual([fakeId("user", 7)]);
  expect(screen.getByText(/You are offline/)).toBeDefined();
  expect(fake.asked.some((request) => request.type === "find_users")).toBe(false);
  await user.keyboard("{Enter}");
  await expect.poll(() => window.location.hash).toBe(`#/c/${fakeId("conversation", 5)}`);
  expect(screen.queryByTestId(testIds.newDirect)).toBeNull();
});

test("someone unknown is found on the relay", async () => {
  const { fake, user } = await start();
  const stranger = { id: fakeId("user", 99), username: "zoe", display_name: "Zoë Quist" };
  await user.click(screen.getByTestId(testIds.newButton));
  // Known to the relay alone: put in after the known ones were read.
  await screen.findAllByTestId(testIds.person);
  fake.world.users.set(stranger.id, stranger);
  await user.type(screen.getByTestId(testIds.peopleSearch), "@zoe");
  await expect.poll(people).toEqual([stranger.id]);
  expect(fake.asked.findLast((request) => request.type === "find_users")).toMatchObject({ query: "zoe" });
  await user.click(personOf(testIds.person, 99));
  await expect.poll(() => fake.asked.some((request) => request.type === "open_direct" && request.user.id === stranger.id)).toBe(true);
});

test("nobody found is said", async () => {
  const { user } = await start();
  await user.click(screen.getByTestId(testIds.newButton));
  await user.type(await screen.findByTestId(testIds.peopleSearch), "nobody at all");
  expect(await screen.findByText(/Nobody here is called “nobody at all”/)).toBeDefined();
});

test("that the relay did not look is said, and why", async () => {
  const { fake, user } = await start();
  const notice = () => screen.queryByTestId(testIds.peopleProblem)?.textContent;
  await user.click(screen.getByTestId(testIds.newButton));
  const field = await screen.findByTestId(testIds.peopleSearch);
  fake.refuseNext("find_users", { code: "forbidden", message: "This relay has no directory of people." });
  await user.type(field, "zebedee");
  await expect.poll(notice).toContain("This relay has no directory of people.");
  expect(screen.queryByText(/Check the spelling/)).toBeNull();
  fake.refuseNext("find_users", { code: "rate_limited", message: "x", retry_after_ms: 20_000 });
  await user.type(field, "s");
  await expect.poll(notice).toContain("20 seconds");
  // Those one knows are found all the same.
  await user.clear(field);
  fake.refuseNext("find_users", { code: "forbidden", message: "This relay has no directory of people." });
  await user.type(field, "hopp");
  await expect.poll(people).toEqual([fakeId("user", 7)]);
  await expect.poll(notice).toContain("no directory");
  await user.clear(field);
  await expect.poll(notice).toBeUndefined();
});

test("names are found without their accents", async () => {
  const { user } = await start({ before: (made) => made.session({ connection: "offline" }) });
  await user.click(screen.getByTestId(testIds.newButton));
  await user.type(await screen.findByTestId(testIds.peopleSearch), "eva szabo");
  await expect.poll(people).toEqual([fakeId("user", 5)]);
});

test("a group needs a title and takes those who were chosen", async () => {
  const { fake, user } = await start();
  await user.click(screen.getByTestId(testIds.menuButton));
  await user.click(screen.getByTestId(testIds.menuNewGroup));
  await screen.findAllByTestId(testIds.person);
  await user.click(personOf(testIds.person, 2));
  await user.click(personOf(testIds.person, 4));
  await user.click(personOf(testIds.person, 2));
  await user.click(screen.getByTestId(testIds.groupCreate));
  expect(screen.getByRole("alert").textContent).toContain("title");
  expect(fake.asked.some((request) => request.type === "create_group")).toBe(false);
  await user.type(screen.getByTestId(testIds.groupTitle), " Night shift ");
  fake.refuseNext("create_group", { code: "storage", message: "The local database failed: disk I/O error" });
  await user.click(screen.getByTestId(testIds.groupCreate));
  expect((await screen.findByRole("alert")).textContent).toContain("disk I/O error");
  await user.click(screen.getByTestId(testIds.groupCreate));
  await expect.poll(() => screen.queryByTestId(testIds.newGroup)).toBeNull();
  const sent = fake.asked.filter((request) => request.type === "create_group");
  expect(sent[1]).toMatchObject({ title: "Night shift", members: [{ id: fakeId("user", 4) }] });
  // Trying again is the same deed.
  expect(sent[0]).toEqual(sent[1]);
  expect(window.location.hash).toBe(`#/c/${sent[1]!.conversation}`);
});

test("adding people to a group offers those who are not in it", async () => {
  const { fake, user } = await start({ hash: `#/c/${fakeId("conversation", 2)}/details` });
  await user.click(await screen.findByTestId(testIds.groupAdd));
  await screen.findAllByTestId(testIds.person);
  expect(people()).not.toContain(fakeId("user", 1));
  await user.click(personOf(testIds.person, 9));
  await user.click(screen.getByTestId(testIds.groupCreate));
  await expect.poll(() => screen.queryByTestId(testIds.addMembers)).toBeNull();
  expect(fake.world.conversations.get(fakeId("conversation", 2))!.members.get(fakeId("user", 9))).toBe("member");
  await act(async () => undefined);
});
