// The keys that give classes: 1 to 9 for the first nine, letters for those after them while there are enough.

const DIGITS = [..."123456789"];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];

/** The key of each class, in their order; with more classes than keys, those after the ninth have none and are typed. */
export function keysOf(classes: readonly string[]): ReadonlyMap<string, string> {
  const keys = classes.length <= DIGITS.length + LETTERS.length ? [...DIGITS, ...LETTERS] : DIGITS;
  return new Map(classes.slice(0, keys.length).map((name, i) => [name, keys[i] as string]));
}

/** Classes that fit what was typed: those that begin with it, then those with a word that does, then those that have it anywhere. */
export function matching(classes: readonly string[], typed: string): readonly string[] {
  const text = typed.trim().toLowerCase();
  const rank = (name: string): number => {
    const lower = name.toLowerCase();
    if (lower.startsWith(text)) return 0;
    if (lower.split(/[\s_-]+/).some((word) => word.startsWith(text))) return 1;
    return lower.includes(text) ? 2 : 3;
  };
  return classes
    .map((name, i) => ({ name, i, rank: rank(name) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map(({ name }) => name);
}
