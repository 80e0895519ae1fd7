// Names of classes that can be names of folders on every system.

import { expected, UsageError } from "../../core/errors.ts";
import { UNPRINTABLE } from "../../core/unprintable.ts";
import { isHidden } from "../../data/files/hidden.ts";

const MOST_CHARACTERS = 100;
/** What Windows refuses in names, and the two that separate folders. */
const FORBIDDEN = /[<>:"|?*/\\]/;
/** Windows keeps these for devices. Tables of numbers mean "nothing" by the last. */
const RESERVED = /^(?:(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|nan$)/i;

/** The name as it is kept: trimmed, in Unicode's composed form. Throws a UsageError for one that no folder could have. */
export function checkedClassName(text: unknown): string {
  const name = typeof text === "string" ? text.normalize("NFC").trim() : "";
  if (name === "" || name.length > MOST_CHARACTERS) throw expected(`1 to ${MOST_CHARACTERS} characters`, "the name of a class", text);
  if (name.search(UNPRINTABLE) >= 0 || FORBIDDEN.test(name) || name.endsWith(".") || RESERVED.test(name) || isHidden(name))
    throw new UsageError(
      `"${name.replaceAll(UNPRINTABLE, "?")}" cannot be the name of a class, because it cannot be the name of a folder everywhere`,
      'Use letters, digits, spaces, "-" and "_".',
    );
  return name;
}
