import type { User } from "../../bridge/generated/User";

/** The users with one put in, or taken out if they were in. */
export function toggled(users: readonly User[], user: User): readonly User[] {
  const rest = users.filter((other) => other.id !== user.id);
  return rest.length < users.length ? rest : [...users, user];
}
