// The values that a choice may take, described as plain data. The type, the recipe file's schema (file/schema.ts) and the parser of the
// command's flag are all made from the description.

export type ValueKind =
  | { readonly kind: "integer"; readonly least: number; readonly most?: number }
  | { readonly kind: "number"; readonly least: number; readonly most?: number; readonly below?: number }
  | { readonly kind: "word"; readonly words: readonly string[] }
  | { readonly kind: "boolean" }
  | { readonly kind: "text"; readonly ending?: string }
  | { readonly kind: "list"; readonly of: ValueKind };

/** A description of values of type `Value`, which is known to the compiler only. */
export type Domain<Value> = ValueKind & { readonly valueType?: Value };

/** Integers from `least` to `most`, both included. */
export function integers(least: number, most?: number): Domain<number> {
  return { kind: "integer", least, ...(most !== undefined && { most }) };
}

/** Finite numbers from `least` to `most`, both included, or less than `below`. */
export function numbers(least: number, limits: { readonly most?: number; readonly below?: number } = {}): Domain<number> {
  return { kind: "number", least, ...limits };
}

/** One of `words`. */
export function words<Word extends string>(words: readonly Word[]): Domain<Word> {
  return { kind: "word", words };
}

export const booleans: Domain<boolean> = { kind: "boolean" };

/** Any text, or text that ends in `ending`. */
export function texts(ending?: string): Domain<string> {
  return { kind: "text", ...(ending !== undefined && { ending }) };
}

/** Lists of `of`. */
export function listsOf<Item>(of: Domain<Item>): Domain<readonly Item[]> {
  return { kind: "list", of };
}

/** Lists of `of`; a program may give a single value, too. */
export function oneOrMore<Item>(of: Domain<Item>): Domain<Item | readonly Item[]> {
  return { kind: "list", of };
}
