/** The relay's rules for what is typed here, so that a mistake is told before it is sent. The relay decides. */
import { text } from "../../text";

export const PASSWORD_MIN = 8;

/** As `shared/protocol` has it: 3 to 32, beginning with a letter or digit; capitals become small. */
const USERNAME = /^[a-z0-9][a-z0-9_.-]{2,31}$/;

/** What is typed on the two forms. */
export interface Typed {
  username: string;
  displayName: string;
  password: string;
}

/** What is wrong with each field. */
export type Wrong = Partial<Record<keyof Typed, string>>;

/** What keeps someone from registering with this. */
export function wrongToRegister(typed: Typed): Wrong {
  const wrong: Wrong = {};
  if (!USERNAME.test(typed.username.trim().toLowerCase())) wrong.username = text.auth.wrong.username;
  if (typed.displayName.trim() === "") wrong.displayName = text.auth.wrong.displayName;
  if (Array.from(typed.password).length < PASSWORD_MIN) wrong.password = text.auth.wrong.passwordShort(PASSWORD_MIN);
  return wrong;
}

/** What keeps someone from logging in with this. Older rules may have allowed shorter ones, so only emptiness counts. */
export function wrongToLogIn(typed: Typed): Wrong {
  const wrong: Wrong = {};
  if (typed.username.trim() === "") wrong.username = text.auth.wrong.usernameEmpty;
  if (typed.password === "") wrong.password = text.auth.wrong.passwordEmpty;
  return wrong;
}
