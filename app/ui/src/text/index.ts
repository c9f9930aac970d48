/** Every text on the screen. Another language is another catalogue of the same type. */
import type { Problem } from "../bridge/generated/Problem";
import { en } from "./en";

/** The shape of a catalogue. */
export type Catalogue = typeof en;

export const text: Catalogue = en;

/** What to tell a person about a problem. */
export function problemText(problem: Problem): string {
  return text.common.problems[problem.code] ?? problem.message;
}

export * from "./format";
export { plain } from "./markdown";
export { faceOf, fold, isNotes, titleOf } from "./names";
export { eventText } from "./system";
