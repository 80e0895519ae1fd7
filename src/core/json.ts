// Reads JSON that thaw did not necessarily write: its size, nesting and number of values are bounded before anything is made of it, so that
// reading it takes at most about a second and little more memory than the text. Duplicate keys are refused: JSON.parse takes the last.

import { UsageError } from "./errors.ts";

export interface JsonLimits {
  /** The most bytes of the text. */
  readonly bytes: number;
  /** The most values, counting those in lists and objects; default a million. */
  readonly values?: number;
}

/** The error for a text that is refused; `reason`, such as "is not JSON", follows its name. */
export type RefuseJson = (reason: string, cause?: unknown) => Error;

const MOST_VALUES = 1e6;
/** Lists and objects within one another. thaw's own files have fewer than ten. */
const MOST_NESTED = 32;
/** V8's memory for an empty list or object, for a key with its value, and for a value while its list grows, in bytes. */
const [CONTAINER, KEY, VALUE] = [64, 64, 16];
/** What reading may take beside four times the text, in bytes. */
const MEMORY = 64e6;

const [QUOTE, BACKSLASH, COMMA, COLON, LIST, LIST_END, OBJECT, OBJECT_END] = [...'"\\,:[]{}'].map((text) => text.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** The value of the JSON text `bytes`, in UTF-8. Throws what `refuse` makes of the reason if it is not JSON, or larger than `limits`. */
export function parseJson(bytes: Uint8Array, { bytes: most, values = MOST_VALUES }: JsonLimits, refuse: RefuseJson): unknown {
  if (bytes.length > most) throw refuse(`has ${bytes.length} bytes, more than the ${most} that it may have`);
  const keys = countKeys(bytes, values, refuse);
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw refuse("is not JSON", error);
  }
  if (keysOf(value) !== keys) throw refuse(`has "${duplicateKey(text)}" twice`);
  return value;
}

/** The value of a stored JSON text; undefined if it is none within `limits`, as for a cache, which can be computed again. */
export function parseJsonOrNothing(bytes: Uint8Array | undefined, limits: JsonLimits): unknown {
  try {
    return bytes && parseJson(bytes, limits, (reason) => new UsageError(reason));
  } catch {
    return undefined;
  }
}

/** The number of keys in the text, from its tokens alone; throws for one that is nested too deep or has too many values. */
function countKeys(bytes: Uint8Array, most: number, refuse: RefuseJson): number {
  const tooMany = () => refuse(`has too many values: at most ${most} are read, and fewer if they are empty lists and objects`);
  let [depth, containers, values, keys] = [0, 0, 1, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === COMMA) {
      if (++values > most) throw tooMany();
    } else if (byte === COLON) keys++;
    else if (byte === LIST || byte === OBJECT) {
      containers++;
      values++;
      if (++depth > MOST_NESTED) throw refuse(`nests lists and objects more than ${MOST_NESTED} deep`);
    } else if (byte === LIST_END || byte === OBJECT_END) depth--;
  }
  const memory = CONTAINER * containers + KEY * keys + VALUE * values;
  if (values > most || memory > 3 * bytes.length + MEMORY)
    throw refuse(`has too many values: at most ${most} are read, and fewer if they are empty lists and objects`);
  return keys;
}

function keysOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return typeof value[0] === "number" && value.every((each) => typeof each === "number") ? 0 : sumOfKeys(value);
  const values = Object.values(value);
  return values.length + sumOfKeys(values);
}

function sumOfKeys(values: readonly unknown[]): number {
  let sum = 0;
  for (const value of values) sum += keysOf(value);
  return sum;
}

/** Strings, and the characters that open, close and separate objects and lists. */
const TOKENS = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]/g;

/** The first duplicate key of any object in the valid JSON text `json`; undefined if there is none. */
function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let text = "";
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const key = JSON.parse(text) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    } else text = token;
  }
  return undefined;
}
