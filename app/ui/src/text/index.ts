/** Every text on the screen. Another language is another catalogue of the same type. */
import type { Problem } from "../bridge/generated/Problem";
import type { Refused } from "../bridge/generated/Refused";
import { en } from "./en";

/** The shape of a catalogue. */
export type Catalogue = typeof en;

export const text: Catalogue = en;

/** What to tell a person about a problem. */
export function problemText(problem: Problem): string {
  return text.common.problems[problem.code] ?? problem.message;
}

/** What to tell of trouble that nobody has just asked for: a change of some time ago is named. */
export function troubleText(problem: Problem, refused: Refused | undefined): string {
  return refused === undefined ? problemText(problem) : text.common.refused(refused.change, refused.name, problemText(problem));
}

export * from "./format";
export { plain } from "./markdown";
export { faceOf, fold, isNotes, titleOf } from "./names";
export { eventText } from "./system";
