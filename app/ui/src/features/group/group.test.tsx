import { act } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeId, personOf, screen, start, testIds, within } from "../../../tests/app";
import type { Fake } from "../../bridge/fake/fake";
import type { MemberRow } from "../../bridge/generated/MemberRow";
import type { Role } from "../../bridge/generated/Role";
import { mayRemove } from "./MemberList";

const crew = fakeId("conversation", 2);
const me = fakeId("user", 255);

const as = (role: Role) => (fake: Fake) => {
  const group = fake.world.conversations.get(crew)!;
  if (role === "owner") group.members.set(fakeId("user", 3), "admin");
  group.members.set(me, role);
};

const open = (role: Role) => start({ hash: `#/c/${crew}/details`, before: as(role) });

async function menuOf(user: Awaited<ReturnType<typeof start>>["user"], number: number): Promise<(string | null)[]> {
  await screen.findAllByTestId(testIds.memberRow);
  await user.click(within(personOf(testIds.memberRow, number)).getByTestId(testIds.memberMenu));
  return screen.getAllByRole("menuitem").map((item) => item.textContent);
}

test("the members are listed with their roles", async () => {
  await open("admin");
  await screen.findAllByTestId(testIds.memberRow);
  expect(within(personOf(testIds.memberRow, 3)).getByTestId(testIds.memberRole).textContent).toBe("Owner");
  expect(within(personOf(testIds.memberRow, 2)).getByTestId(testIds.memberRole).textContent).toBe("Admin");
  expect(within(personOf(testIds.memberRow, 1)).queryByTestId(testIds.memberRole)).toBeNull();
  expect(personOf(testIds.memberRow, 255).textContent).toContain("You");
});

test("a member may write to others and leave, nothing more", async () => {
  const { user } = await open("member");
  expect(await menuOf(user, 1)).toEqual(["Send a message"]);
  expect(screen.queryByTestId(testIds.groupRename)).toBeNull();
  expect(screen.queryByTestId(testIds.groupAdd)).toBeNull();
});

test("an admin removes members but neither admins nor the owner", async () => {
  const { user } = await open("admin");
  expect(await menuOf(user, 1)).toEqual(["Send a message", "Remove from the group"]);
  await user.keyboard("{Escape}");
  expect(await menuOf(user, 2)).toEqual(["Send a message"]);
});

test("what waits for the relay is said in the row until it is accepted", async () => {
  const { fake, user } = await start({
    hash: `#/c/${crew}/details`,
    before: (fake) => {
      as("owner")(fake);
      const waiting = fake.world.conversations.get(crew)!.waiting;
      waiting.set(fakeId("user", 1), "adding").set(fakeId("user", 2), "removing").set(fakeId("user", 3), "role").set(me, "removing");
    },
  });
  await screen.findAllByTestId(testIds.memberRow);
  const waits = (number: number) => within(personOf(testIds.memberRow, number)).queryByTestId(testIds.memberWaiting)?.textContent;
  expect([1, 2, 3, 255].map(waits)).toEqual([
    "Waiting to be added",
    "Waiting to be removed",
    "Waiting for the new role",
    "Waiting to leave",
  ]);
  expect(await menuOf(user, 2)).toEqual(["Send a message"]);
  // All count alike: who is to come does, who is to go does not.
  const counts = () => [...document.body.textContent.matchAll(/(\d+) members/g)].map(([, count]) => Number(count));
  const members = fake.world.conversations.get(crew)!.members.size;
  expect(counts()).toEqual([members - 2, members - 2, members - 2]);
  fake.world.conversations.get(crew)!.waiting.clear();
  await act(async () => fake.changed({ type: "conversation", conversation: crew }));
  await expect.poll(() => screen.queryAllByTestId(testIds.memberWaiting)).toEqual([]);
});

test("who may remove whom", () => {
  const member = (role: Role, own = false): MemberRow => ({ user: { id: me, username: "x", display_name: "X" }, role, me: own, delivered: 0, read: 0 });
  const may = { send: true, manage: true, own: true, leave: true, delete_others: true };
  expect(mayRemove(may, member("admin"))).toBe(true);
  expect(mayRemove(may, member("owner", true))).toBe(false);
  expect(mayRemove({ ...may, own: false }, member("admin"))).toBe(false);
  expect(mayRemove({ ...may, own: false }, member("member"))).toBe(true);
  expect(mayRemove({ ...may, own: false, manage: false }, member("member"))).toBe(false);
});

test("the owner makes an admin, and hands the group over only after being asked", async () => {
  const { fake, user } = await open("owner");
  await menuOf(user, 1);
  await user.click(screen.getByRole("menuitem", { name: "Make admin" }));
  await expect.poll(() => within(personOf(testIds.memberRow, 1)).queryByTestId(testIds.memberRole)?.textContent).toBe("Admin");
  await menuOf(user, 1);
  await user.click(screen.getByRole("menuitem", { name: "Hand the group over" }));
  expect(fake.asked.filter((request) => request.type === "set_role")).toHaveLength(1);
  await user.click(screen.getByTestId(testIds.confirm));
  await expect.poll(() => fake.world.conversations.get(crew)!.members.get(fakeId("user", 1))).toBe("owner");
});

test("removing asks first and can be left", async () => {
  const { fake, user } = await open("admin");
  await menuOf(user, 1);
  await user.click(screen.getByRole("menuitem", { name: "Remove from the group" }));
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(fake.asked.some((request) => request.type === "remove_member")).toBe(false);
});

test("an owner with others in the group is told to hand it over first", async () => {
  const { fake, user } = await open("owner");
  await user.click(await screen.findByTestId(testIds.groupLeave));
  expect(screen.getByText(/Hand it over to someone/)).toBeDefined();
  expect(screen.queryByTestId(testIds.confirm)).toBeNull();
  expect(fake.asked.some((request) => request.type === "leave")).toBe(false);
});

test("leaving asks first", async () => {
  const { fake, user } = await open("member");
  await user.click(await screen.findByTestId(testIds.groupLeave));
  await user.click(screen.getByTestId(testIds.confirm));
  await expect.poll(() => fake.world.conversations.get(crew)!.members.has(me)).toBe(false);
  expect(await screen.findByText("You are no longer a member of this group.")).toBeDefined();
});

test("renaming shows a refusal where it was typed", async () => {
  const { fake, user } = await open("admin");
  await user.click(await screen.findByTestId(testIds.groupRename));
  const field = screen.getByTestId(testIds.groupTitle);
  await user.clear(field);
  await user.type(field, "Quay crew");
  fake.refuseNext("rename", { code: "forbidden", message: "You may not rename it." });
  await user.click(screen.getByTestId(testIds.confirm));
  expect((await screen.findByText("You may not rename it.")).textContent).toBeDefined();
  await user.click(screen.getByTestId(testIds.confirm));
  await expect.poll(() => fake.world.conversations.get(crew)!.title).toBe("Quay crew");
  const ids = fake.asked.filter((request) => request.type === "rename").map((request) => request.id);
  expect(new Set(ids).size).toBe(1);
});

test("someone is blocked after a question and unblocked without one", async () => {
  const { fake, user } = await start({ hash: `#/c/${fakeId("conversation", 1)}/details` });
  await user.click(await screen.findByTestId(testIds.blockButton));
  await user.click(screen.getByTestId(testIds.confirm));
  await expect.poll(() => fake.world.session.blocked).toEqual([fakeId("user", 1)]);
  await expect.poll(() => screen.getByTestId(testIds.blockButton).textContent).toBe("Unblock");
  await user.click(screen.getByTestId(testIds.blockButton));
  await expect.poll(() => fake.world.session.blocked).toEqual([]);
});
