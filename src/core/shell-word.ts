// Words as a user types them in a shell.

/** `word` as a user would type it in a POSIX shell: quoted only if necessary. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
