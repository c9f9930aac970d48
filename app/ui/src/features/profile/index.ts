/** One's own profile, devices and settings. */
export { Settings } from "./Settings";
