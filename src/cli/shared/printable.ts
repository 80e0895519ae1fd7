// What comes from outside (names of files, classes and nodes, cells of tables, messages that quote them), made safe to print: a terminal
// obeys control characters.

import { stripVTControlCharacters } from "node:util";
import { escapeUnprintable, UNPRINTABLE } from "../../core/unprintable.ts";

/** `text` made safe for a terminal: escape sequences go, other characters that steer it become "?". */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNPRINTABLE, "?");
}

/** `value` as a line of JSON, in which characters that steer a terminal are escaped. `replacer` is JSON.stringify's. */
export function jsonLine(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  return escapeUnprintable(JSON.stringify(value, replacer));
}
