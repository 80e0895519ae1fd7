// What comes from outside (names of files, classes and nodes, cells of tables, messages that quote them), made safe to print. A terminal
// obeys control characters, and a spreadsheet computes cells that begin like a formula.

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

/**
 * A row of CSV: texts quoted as RFC 4180 says, numbers as they are. A text that a spreadsheet would take for a formula gets a leading
 * apostrophe, as OWASP advises, and characters that steer a terminal become "?".
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map((cell) => (typeof cell === "number" ? `${cell}` : quoted(textCell(cell)))).join(",");
}

function textCell(text: string): string {
  // Tabs do no harm, and may separate labels.
  const safe = text.split("\t").map(printable).join("\t");
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(safe) || /^[\t\r\n]/.test(text) ? `'${safe}` : safe;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
