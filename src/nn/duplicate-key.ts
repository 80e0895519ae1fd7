// Finds duplicate keys, which make a file ambiguous: JSON.parse silently lets a later key replace an earlier one.

/** Strings, and the characters that open, close and separate objects and lists. */
const TOKENS = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]/g;

/** The first duplicate key of any object in the valid JSON text `json`; undefined if there is none. */
export function duplicateKey(json: string): string | undefined {
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
