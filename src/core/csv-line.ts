// Rows of CSV that are safe to open in a spreadsheet, which computes cells that begin like a formula.

import { UNPRINTABLE } from "./unprintable.ts";

/**
 * A row of CSV: texts quoted as RFC 4180 says, numbers as they are. A text that a spreadsheet would take for a formula gets a leading
 * apostrophe, as OWASP advises, and characters that steer a terminal become "?".
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map((cell) => (typeof cell === "number" ? `${cell}` : quoted(textCell(cell)))).join(",");
}

/** The text of a cell without the apostrophe that csvLine puts before what looks like a formula. */
export function cellText(cell: string): string {
  return cell.startsWith("'") && textCell(cell.slice(1)).startsWith("'") ? cell.slice(1) : cell;
}

function textCell(text: string): string {
  // Tabs do no harm, and may separate labels.
  const safe = text
    .split("\t")
    .map((part) => part.replaceAll(UNPRINTABLE, "?"))
    .join("\t");
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(safe) || /^[\t\r\n]/.test(text) ? `'${safe}` : safe;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
