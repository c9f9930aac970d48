import { text } from "../text";

const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];

const systems: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** A name to begin with for this device: "Firefox on Linux", "Confab on Linux". A person may change it. */
export function guessDeviceName(native = false, agent: string = navigator.userAgent): string {
  const match = (table: [RegExp, string][]): string | undefined => table.find(([pattern]) => pattern.test(agent))?.[1];
  return text.auth.device(native ? text.common.app : (match(browsers) ?? text.auth.unknownBrowser), match(systems) ?? text.auth.unknownSystem);
}
