/** Registering, logging in, and logging in again. */
export { AuthScreen } from "./AuthScreen";
export { LoginNeeded } from "./LoginNeeded";
