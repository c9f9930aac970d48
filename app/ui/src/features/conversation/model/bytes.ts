/** Sizes as the relay counts them: in bytes of UTF-8. */

/** The bound of the protocol on a message's text. */
export const TEXT_BYTES = 16 * 1024;
/** From here on the composer says how much is left. */
export const NEARLY_FULL_BYTES = TEXT_BYTES - 1024;

const encoder = new TextEncoder();

/** How many bytes a text takes. Short ones are not counted exactly: nobody asks. */
export function bytesOf(text: string): number {
  return text.length * 3 < NEARLY_FULL_BYTES ? text.length : encoder.encode(text).length;
}
