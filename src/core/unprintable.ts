// The characters that steer what they are printed on instead of being shown.

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the marks that change the direction of text, with which a name can
 * look like another.
 */
export const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** `text` with each of them as \\uXXXX, for JSON, whose strings mean the same with it. */
export function escapeUnprintable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
