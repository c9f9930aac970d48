import { formatNumber } from "../format";

/** The texts of registering and logging in. */
export const auth = {
  tagline: "Talk in your own house.",
  login: {
    title: "Log in",
    submit: "Log in",
    other: "New here?",
    switch: "Make an account",
  },
  register: {
    title: "Make an account",
    submit: "Make account",
    other: "Already have an account?",
    switch: "Log in",
  },
  needed: {
    title: "Log in again",
    text: (relay: string) => `${relay} wants your password again. What is on this device stays, and what is unsent waits.`,
    later: "Not now",
  },
  relay: (relay: string) => `on ${relay}`,
  username: "User name",
  usernameHint: "3 to 32 small letters, digits, and the signs _ - and .",
  displayName: "Your name",
  displayNameHint: "What others see. You can change it later.",
  password: "Password",
  passwordHint: (min: number) => `At least ${formatNumber(min)} characters.`,
  showPassword: "Show the password",
  hidePassword: "Hide the password",
  deviceName: "This device's name",
  deviceNameHint: "So that you recognise it in the list of your devices.",
  device: (browser: string, system: string) => `${browser} on ${system}`,
  unknownBrowser: "A browser",
  unknownSystem: "a device",
  wrong: {
    username: "A user name has 3 to 32 small letters (a to z), digits, and the signs _ - and ., and starts with a letter or digit.",
    displayName: "Tell others a name to see.",
    passwordShort: (min: number) => `A password has at least ${formatNumber(min)} characters.`,
    passwordEmpty: "Type your password.",
    usernameEmpty: "Type your user name.",
  },
};
