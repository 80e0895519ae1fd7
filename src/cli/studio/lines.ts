// What `thaw studio` prints.

import type { Paint } from "../shared/terminal.ts";

/** What is said when the page can be opened at `url`; a mistyped folder shows by being new. */
export function listeningLines(folder: string, isNew: boolean, url: string, paint: Paint): string[] {
  const made = isNew ? ", a new folder without photographs," : "";
  return [
    `The studio of ${paint.bold(folder)}${made} is open:`,
    "",
    `  ${paint.cyan(url)}`,
    "",
    "Ctrl-C ends it. Nothing leaves this machine.",
  ];
}
