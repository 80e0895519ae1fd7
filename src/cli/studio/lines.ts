// What `thaw studio` prints.

import type { Paint } from "../shared/terminal.ts";

/** What is said when the page can be opened at `url`. */
export function listeningLines(folder: string, url: string, paint: Paint): string[] {
  return [`The studio of ${paint.bold(folder)} is open:`, "", `  ${paint.cyan(url)}`, "", "Ctrl-C ends it. Nothing leaves this machine."];
}
