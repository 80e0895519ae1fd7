// The parser's messages in the form of thaw's own errors.

import { printable } from "./printable.ts";

/** Usual names of other programs for options, by the name of thaw's. */
export type Synonyms = Readonly<Record<string, readonly string[]>>;

/** commander's message, which quotes what was typed, with its suggestion as a hint; an unknown option that is in `synonyms` is told thaw's name for it instead. */
export function parserError(text: string, synonyms: Synonyms = {}): string {
  const [, unknown = ""] = /unknown option '--([\w-]+)/.exec(text) ?? [];
  const known = Object.keys(synonyms).find((name) => synonyms[name]?.includes(unknown));
  const [, message = "", suggestion] = /^(.*?)(?:\n\((Did you mean [^\n]*\?)\))?\n?$/s.exec(text) ?? [];
  const hint = known === undefined ? suggestion : `Did you mean --${known}?`;
  return `${[message, ...(hint === undefined ? [] : [`hint: ${hint}`])].map(printable).join("\n")}\n`;
}
