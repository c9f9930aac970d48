/** People and conversations with a real-looking history. */
import type { Content } from "../generated/Content";
import type { User } from "../generated/User";
import { append, emptyDraft, fakeId, newConversation, random, type FakeConversation, type World } from "./world";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const people: [username: string, name: string][] = [
  ["ada", "Ada Lovelace"],
  ["bo", "Bo Nakamura"],
  ["chidi", "Chidi Okafor"],
  ["dana", "Dana Whitfield-Castellanos"],
  ["eva", "Éva Szabó"],
  ["farid", "Farid"],
  ["grace", "Grace Hopper"],
  ["hao", "王浩"],
  ["ines", "Inês Moreira"],
  ["jonas", "Jonas 🦊"],
  ["kira", "Kira Petrova"],
  ["leo", "Leo"],
];

const talk = [
  "Morning! Did the nightly run go through?",
  "It did, after I gave the disk some room. Two warnings left, both old.",
  "Nice.",
  "I pushed the new **retry** logic; could you look at `backoff.rs` when you have a minute?",
  "Sure, after lunch.",
  "Found one thing: the jitter is drawn once and reused.",
  "Oh. Good catch 🙈",
  "Fixed. Also wrote a test that fails without it.",
  "https://example.org/notes/backoff explains it well, section 3.",
  "Works for me now. Shipping it?",
  "Let's wait for the long run, it is only an hour.",
  "> the long run\n\nwhich is longer every week…",
  "True 😄",
  "```rust\nlet pause = base * 2u64.pow(attempt.min(6));\nsleep(random(0..pause)).await;\n```",
  "Lunch at the usual place?",
  "12:30 works. I'll bring the printed plan, so that we can draw on it: the margins, the two open questions about storage, and where the cable runs should go.",
  "See you there",
  "我也来",
  "*hurries*",
  "Done. All green, 14 minutes.",
];

function say(content: string, mentions: string[] = []): Content {
  return mentions.length > 0 ? { type: "text", text: content, mentions } : { type: "text", text: content };
}

function chatter(
  world: World,
  conversation: FakeConversation,
  how: { count: number; seed: number; until: number; every: number; base: number },
): void {
  const next = random(how.seed);
  const members = [...conversation.members.keys()];
  const times: number[] = [];
  let at = how.until;
  for (let left = how.count; left > 0; left -= 1) {
    times.push(at);
    at -= next() < 0.7 ? next() * 3 * MINUTE : next() * how.every;
  }
  times.reverse();
  let sender = members[0] ?? world.me.id;
  times.forEach((time, place) => {
    if (next() < 0.55) sender = members[Math.floor(next() * members.length)] ?? sender;
    const message = append(conversation, {
      id: fakeId("message", how.base + place),
      sender,
      at: Math.round(time),
      content: say(talk[Math.floor(next() * talk.length)] ?? ""),
    });
    if (next() < 0.06) message.reactions.push({ emoji: "👍", users: members.slice(0, 1 + Math.floor(next() * 3)) });
    if (next() < 0.03) message.edited = true;
    if (next() < 0.015) message.content = null;
    const before = conversation.messages[conversation.messages.length - 3];
    if (next() < 0.06 && before !== undefined) message.replyTo = before.id;
  });
  conversation.read = conversation.messages.length;
}

function marks(conversation: FakeConversation, user: string, delivered: number, read: number): void {
  conversation.marks.set(user, { delivered, read });
}

/** Fills a world. Conversation 1 is direct with Ada, 2 the busy group, 3 the one with 5,000 messages and holes. */
export function seed(world: World): void {
  people.forEach(([username, name], place) => {
    const user: User = { id: fakeId("user", place + 1), username, display_name: name };
    world.users.set(user.id, user);
  });
  const me = world.me.id;
  const user = (number: number): string => fakeId("user", number);
  const now = world.now();
  for (const number of [1, 3, 5, 8]) world.online.add(user(number));

  const ada = newConversation(world, {
    id: fakeId("conversation", 1), kind: "direct", title: "", peer: user(1),
    members: [[me, "member"], [user(1), "member"]],
  });
  chatter(world, ada, { count: 60, seed: 7, until: now - 9 * MINUTE, every: 5 * HOUR, base: 1_000 });
  append(ada, { id: fakeId("message", 1_100), sender: me, at: now - 6 * MINUTE, content: say("Shall I book the train for Thursday?") });
  append(ada, { id: fakeId("message", 1_101), sender: user(1), at: now - 4 * MINUTE, content: say("Yes please! The one at 9:12 if it still has seats.") });
  append(ada, { id: fakeId("message", 1_102), sender: me, at: now - 3 * MINUTE, content: say("Booked. Seats 41 and 42 🚄") });
  ada.read = ada.messages.length;
  marks(ada, user(1), ada.messages.length, ada.messages.length);

  const team = newConversation(world, {
    id: fakeId("conversation", 2), kind: "group", title: "Harbour crew", peer: null,
    members: [[user(3), "owner"], [me, "admin"], [user(1), "member"], [user(2), "admin"], [user(4), "member"], [user(5), "member"], [user(8), "member"]],
  });
  append(team, { id: fakeId("message", 2_000), sender: user(3), at: now - 40 * DAY, content: { type: "system", event: { kind: "created", title: "Harbour crew" } } });
  append(team, { id: fakeId("message", 2_001), sender: user(3), at: now - 40 * DAY, content: { type: "system", event: { kind: "added", users: [me, user(1), user(2)] } } });
  chatter(world, team, { count: 220, seed: 21, until: now - 2 * HOUR, every: 9 * HOUR, base: 2_100 });
  const read = team.messages.length;
  append(team, { id: fakeId("message", 2_900), sender: user(5), at: now - 55 * MINUTE, content: say("The crane is back. We can unload from two.") });
  append(team, { id: fakeId("message", 2_901), sender: user(3), at: now - 41 * MINUTE, content: { type: "system", event: { kind: "renamed", title: "Harbour crew" } } });
  append(team, { id: fakeId("message", 2_902), sender: user(3), at: now - 40 * MINUTE, content: say("@robin can you take the late shift?", [me]), reactions: [{ emoji: "🙏", users: [user(1), user(8)] }] });
  append(team, { id: fakeId("message", 2_903), sender: user(8), at: now - 12 * MINUTE, content: say("两点见") });
  team.read = read;
  for (const number of [1, 2, 3, 4, 5, 8]) marks(team, user(number), read + 4, read + (number % 4));

  const long = newConversation(world, {
    id: fakeId("conversation", 3), kind: "group", title: "Build log", peer: null,
    members: [[me, "owner"], [user(2), "member"], [user(7), "member"], [user(11), "member"]],
  });
  chatter(world, long, { count: 5_000, seed: 99, until: now - 26 * HOUR, every: 3 * HOUR, base: 10_000 });
  long.holes = [[1, 600], [3_100, 3_420]];
  for (const number of [2, 7, 11]) marks(long, user(number), 5_000, 4_990);

  const chidi = newConversation(world, {
    id: fakeId("conversation", 4), kind: "direct", title: "", peer: user(3),
    members: [[me, "member"], [user(3), "member"]],
  });
  chatter(world, chidi, { count: 24, seed: 5, until: now - 30 * HOUR, every: 20 * HOUR, base: 20_000 });
  marks(chidi, user(3), 24, 20);
  chidi.messages.push(
    { id: fakeId("message", 20_100), seq: null, sender: me, at: now - 5 * MINUTE, content: say("Here are the numbers from this morning."), edited: false, replyTo: null, reactions: [], change: null, state: { type: "failed", problem: { code: "rate_limited", message: "Too often. Try again in a minute." } } },
    { id: fakeId("message", 20_101), seq: null, sender: me, at: now - 2 * MINUTE, content: say("And the old ones to compare with."), edited: false, replyTo: null, reactions: [], change: null, state: { type: "pending" } },
  );

  const grace = newConversation(world, {
    id: fakeId("conversation", 5), kind: "direct", title: "", peer: user(7),
    members: [[me, "member"], [user(7), "member"]],
  });
  chatter(world, grace, { count: 18, seed: 11, until: now - 2 * DAY, every: 20 * HOUR, base: 30_000 });
  grace.draft = { ...emptyDraft, text: "I wanted to ask whether" };

  const notes = newConversation(world, {
    id: fakeId("conversation", 6), kind: "direct", title: "", peer: me, members: [[me, "member"]],
  });
  append(notes, { id: fakeId("message", 40_000), sender: me, at: now - 3 * DAY, content: say("Milk, oats, the blue paint") });
  notes.read = 1;

  for (const [place, number] of [9, 10, 12, 6].entries()) {
    const other = newConversation(world, {
      id: fakeId("conversation", 7 + place), kind: "direct", title: "", peer: user(number),
      members: [[me, "member"], [user(number), "member"]],
    });
    chatter(world, other, { count: 12, seed: number, until: now - (4 + place * 9) * DAY, every: 30 * HOUR, base: 50_000 + place * 1_000 });
    marks(other, user(number), 12, place === 0 ? 12 : 3);
    if (place === 1) other.read = 10;
    if (place === 3) other.hidden = true;
  }

  const gone = newConversation(world, {
    id: fakeId("conversation", 20), kind: "group", title: "Summer party planning, part two: who brings what and when", peer: null,
    members: [[user(4), "owner"], [user(9), "member"]],
  });
  chatter(world, gone, { count: 30, seed: 77, until: now - 21 * DAY, every: 20 * HOUR, base: 60_000 });
  append(gone, { id: fakeId("message", 60_100), sender: user(4), at: now - 20 * DAY, content: { type: "system", event: { kind: "removed", user: me } } });
  gone.read = gone.messages.length;

  const device = (number: number, name: string, seen: number, online: boolean) => ({
    id: fakeId("device", number), name, created_at: now - number * 20 * DAY, last_seen: seen, current: number === 1, online,
  });
  world.devices = [
    device(1, "Chromium on Linux", now, true),
    device(2, "Pixel 9", now - 4 * HOUR, true),
    device(3, "Old laptop", now - 63 * DAY, false),
  ];
}
