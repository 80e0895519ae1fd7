// Words as a user types them in a shell.

import { UNPRINTABLE } from "./unprintable.ts";

/** `word` for a POSIX shell: quoted only if necessary; control characters are escaped as $'\ooo', which bash and zsh read. */
export function shellWord(word: string): string {
  if (word.search(UNPRINTABLE) >= 0) {
    const escaped = word.replaceAll(/[\\']/g, "\\$&").replaceAll(UNPRINTABLE, octal);
    return `$'${escaped}'`;
  }
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function octal(character: string): string {
  return Array.from(new TextEncoder().encode(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
