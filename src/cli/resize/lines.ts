// What `thaw resize` prints. Pure.

import type { ResizeSummary } from "../../data/resize/resize.ts";
import { nextCommand } from "../shared/next-command.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { count, type Paint, quantity } from "../shared/terminal.ts";

const SHOWN = 10;

/** The lines about the copies in the folder `out`. */
export function resizeLines({ made, kept, failed }: ResizeSummary, size: number, out: string, paint: Paint): string[] {
  const rows = failed.slice(0, SHOWN).map(({ name, error }) => [printable(name), printable(error)]);
  const there = kept > 0 ? `; ${count(kept)} ${kept === 1 ? "was" : "were"} already there` : "";
  return [
    ...(failed.length > 0
      ? [
          paint.red(`${quantity(failed.length, "file")} cannot be read and ${failed.length === 1 ? "is" : "are"} left out`),
          ...table(["left", "left"], rows, paint, { indent: 2 }),
          ...(failed.length > SHOWN ? [paint.dim(`  and ${count(failed.length - SHOWN)} more; --json lists all`)] : []),
          "",
        ]
      : []),
    `Wrote ${quantity(made, "image")} with a smaller side of ${count(size)} pixels to ${paint.bold(printable(out))}${there}. ` +
      "Train on them:",
    "",
    `  ${nextCommand("train", out)}`,
  ];
}
