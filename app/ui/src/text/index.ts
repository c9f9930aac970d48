/** Every text on the screen. Another language is another catalogue of the same type. */
import { en } from "./en";

/** The shape of a catalogue. */
export type Catalogue = typeof en;

export const text: Catalogue = en;

export * from "./format";
export { plain } from "./markdown";
export { faceOf, fold, isNotes, titleOf } from "./names";
export { ownWords, problemText, speakInApp, troubleText } from "./problems";
export { eventText } from "./system";
