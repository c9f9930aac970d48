/** What to tell a person about a problem, and what helps. */
import type { Problem } from "../bridge/generated/Problem";
import type { Refused } from "../bridge/generated/Refused";
import { en } from "./en";

const { common } = en;
// Apps there are told of Mozilla's authorities alone (docs/mobile.md, Trust).
const android = /Android/.test(navigator.userAgent);
let inApp = false;

/** Whether these screens are the native app's or a browser's page: not the same helps. Said once, when the bridge opens. */
export function speakInApp(yes: boolean): void {
  inApp = yes;
}

/** A problem in its own words, and what helps against it where that is known. */
export function ownWords(problem: Problem): string {
  if (problem.code !== "certificate") return problem.message;
  return `${problem.message} ${android ? common.certificateAndroid : common.certificate}`;
}

/** What to tell a person about a problem. */
export function problemText(problem: Problem): string {
  if (problem.code === "rate_limited" && problem.retry_after_ms !== undefined) return common.rateLimitedFor(problem.retry_after_ms);
  const here = inApp ? common.problemsInApp[problem.code] : undefined;
  return here ?? common.problems[problem.code] ?? ownWords(problem);
}

/** What to tell of trouble that nobody has just asked for: a change of some time ago is named. */
export function troubleText(problem: Problem, refused: Refused | undefined): string {
  return refused === undefined ? problemText(problem) : common.refused(refused.change, refused.name, problemText(problem));
}
