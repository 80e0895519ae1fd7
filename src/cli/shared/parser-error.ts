// The parser's messages in the form of thaw's own errors.

/** Usual names of other programs for options, by the name of thaw's. */
export type Synonyms = Readonly<Record<string, readonly string[]>>;

/** commander's message with its suggestion as a hint; an unknown option that is in `synonyms` is told thaw's name for it instead. */
export function parserError(text: string, synonyms: Synonyms = {}): string {
  const [, unknown = ""] = /unknown option '--([\w-]+)/.exec(text) ?? [];
  const known = Object.keys(synonyms).find((name) => synonyms[name]?.includes(unknown));
  const suggested = known === undefined ? text : `${text.split("\n")[0]}\n(Did you mean --${known}?)\n`;
  return suggested.replace(/\n\((Did you mean .*\?)\)/, "\nhint: $1");
}
