import { act, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { testIds } from "../../testids";
import { person, rooms, show } from "./testing";

const body = (words: string) => screen.getAllByTestId(testIds.messageBody).findLast((element) => element.textContent.includes(words));

it("a mention by user name, as anybody's program writes it, shows the display name", async () => {
  const { fake } = await show(rooms.team);
  const me = fake.world.me;
  await act(async () => fake.incoming(rooms.team, person(1), `@${me.username} and @ada: \`@ada\`, @${me.username}x`, [me.id, person(1)]));
  await waitFor(() => expect(body("and")?.textContent).toContain(`@${me.display_name} and @Ada Lovelace: @ada, @${me.username}x`));
  const marks = body("and")?.querySelectorAll("bdi[title]") ?? [];
  expect([...marks].map((mark) => mark.getAttribute("title"))).toEqual([`@${me.username}`, "@ada"]);
  expect([...marks].map((mark) => mark.hasAttribute("data-me"))).toEqual([true, false]);
});

it("a mention keeps its place when the person takes another name, and when they leave", async () => {
  const { fake } = await show(rooms.team);
  await act(async () => fake.incoming(rooms.team, person(2), "thanks @ada", [person(1)]));
  await waitFor(() => expect(body("thanks")?.textContent).toContain("thanks @Ada Lovelace"));
  fake.world.users.set(person(1), { id: person(1), username: "ada", display_name: "Countess" });
  await act(async () => fake.changed({ type: "people" }));
  await waitFor(() => expect(body("thanks")?.textContent).toContain("thanks @Countess"));
  fake.world.conversations.get(rooms.team)?.members.delete(person(1));
  await act(async () => fake.changed({ type: "conversation", conversation: rooms.team }));
  await waitFor(() => expect(fake.asked.some((request) => request.type === "known_users")).toBe(true));
  expect(body("thanks")?.querySelector("bdi[title='@ada']")?.textContent).toBe("@Countess");
});

it("nobody is mentioned who is not named by the message", async () => {
  const { fake } = await show(rooms.team);
  await act(async () => fake.incoming(rooms.team, person(2), "as @ada says"));
  await waitFor(() => expect(body("as @ada says")).toBeDefined());
  expect(body("as @ada says")?.querySelector("bdi[title]")).toBeNull();
});
