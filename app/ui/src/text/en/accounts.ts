import { formatNumber } from "../format";

/** The texts of the native app: its accounts, its secrets, its settings. */
export const accounts = {
  welcome: {
    title: "Where is your relay?",
    text: "Confab has no centre: people host it themselves. Type the address that whoever runs yours gave you.",
    address: "Relay's address",
    hint: "For example chat.example.org",
    submit: "Continue",
    cancel: "Back",
    plain: (relay: string) =>
      `${relay} is reached without encryption: everyone on the way can read along, your password too. Do this on a network of your own only.`,
    plainSubmit: "Continue without encryption",
    otherAddress: "Another address",
  },
  /** By the problem's code; what is missing here has words of its own. */
  problems: {
    bad_address: "That is no address of a relay. It looks like chat.example.org.",
    relay_too_old: "The relay there is too old for this app. Whoever runs it has to update it.",
    too_old: "This app is too old for the relay there. Update the app.",
  } as Readonly<Record<string, string>>,
  rail: {
    title: "Accounts",
    add: "Add an account",
    addKeys: (keys: string) => `Add an account (${keys})`,
    unread: (name: string, relay: string, unread: number) =>
      unread === 0 ? `${name} on ${relay}` : `${name} on ${relay}, ${formatNumber(unread)} unread`,
    empty: (relay: string) => `Log in on ${relay}`,
    more: "99+",
  },
  broken: {
    title: (relay: string) => `Your account on ${relay} cannot be opened`,
    alone: "Nothing was deleted.",
    others: "Nothing was deleted. The other accounts go on.",
    startAgain: "Once that is put right, quit Confab and start it again.",
    remove: "Remove it from this device",
    removeConfirm: (relay: string) => `Remove the account on ${relay} from this device?`,
    removeText: "What this device has of it is deleted, with anything that was not sent yet. What the relay has stays there.",
  },
  quit: "Quit Confab",
  /** The app did not do as asked. */
  quitFailed: "Confab did not end. Close its window instead.",
  leaveRelay: "Another relay",
  secrets: {
    title: "Where may Confab keep your login?",
    missing:
      "This system offers no keychain, which is where Confab would keep what proves that you are logged in.",
    locked: "Your system's keychain is locked, so Confab cannot read what proves that you are logged in.",
    changed:
      "Your system's keychain no longer holds Confab's key. Perhaps the keychain was made anew, or this folder comes from another computer. What is on this device stays, but every account has to log in again.",
    failed: "Your system's keychain did not do what it should.",
    file: "It can be kept in a file instead. Only your user on this computer may open that file, but whoever can read your files (a backup, a stolen disk without encryption) could act as you. A login that only the keychain can open is set aside, and comes back when you move to the keychain again.",
    retry: "Ask the keychain again",
    anew: "Begin anew in the keychain",
    useFile: "Keep it in a file",
    later: "Not now",
    line: "Confab cannot reach your keychain, so nobody can log in or connect.",
    lineAction: "What to do",
    detail: (detail: string) => `What the system said: ${detail}`,
  },
  settings: {
    title: "This device",
    notify: "Notify of new messages",
    notifyHint: "Not of the conversation that you are looking at.",
    noNotifications: "Nothing on this system shows notifications at the moment.",
    notifyText: "Show who wrote what",
    notifyTextHint: "Otherwise a notification only says that there is a new message.",
    closeToTray: "Keep running in the tray",
    closeToTrayHint: "Closing the window leaves Confab in the tray, so that messages go on coming.",
    noTray: "This system has no tray at the moment, so closing the window ends Confab.",
    autostart: "Start at login",
    autostartFailed: "Your system did not let Confab change whether it starts at login.",
    spellCheck: "Underline misspelt words",
    zoom: "Size of everything",
    zoomOut: "Smaller",
    zoomIn: "Larger",
    zoomReset: "As designed",
    zoomNow: (zoom: number) => `${formatNumber(Math.round(zoom * 100))} %`,
    secretsKeychain: "What proves that you are logged in is kept in the system's keychain.",
    secretsFile: "What proves that you are logged in is kept in a file that only your user may open.",
    toKeychain: "Move it to the keychain",
    version: (version: string) => `Confab ${version}`,
  },
  app: "the app",
};
