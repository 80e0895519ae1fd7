// How paths are shown to users.

import { isAbsolute, relative, resolve, sep } from "node:path";

/** `path` as messages show it: relative to the working folder if it is in it, absolute otherwise. */
export function shownPath(path: string): string {
  const short = relative("", path);
  const outside = isAbsolute(short) || short === ".." || short.startsWith(`..${sep}`);
  return outside ? resolve(path) : short || ".";
}
