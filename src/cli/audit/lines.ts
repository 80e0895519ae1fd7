// What `thaw audit` prints: the head of each list, and what to do about it. Pure functions.

import type { DataProblems } from "../../interpret/data-problems.ts";
import { verdictInWords } from "../../interpret/label-verdict.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { count, type Paint } from "../shared/terminal.ts";

/** The lines about `found`, at most `top` rows of each list. */
export function auditLines(found: DataProblems, top: number, paint: Paint): string[] {
  const { labels, duplicates, outliers } = found;
  const suspects = table(
    ["left", "left", "left", "right", "left"],
    labels
      .slice(0, top)
      .map(({ file, given, suggested, score, likely: isLikely }) => [
        printable(file),
        printable(given),
        printable(suggested),
        score.toFixed(3),
        isLikely ? "likely wrong" : "",
      ]),
    paint,
    { head: ["file", "label", "rather", "doubt", ""] },
  );
  const pairs = duplicates
    .slice(0, top)
    .map(({ files, similarity, copy, leak, conflict }) => [
      printable(files[0]),
      printable(files[1]),
      similarity.toFixed(3),
      [...(copy ? ["same picture"] : []), ...(conflict ? ["two classes"] : leak ? ["training and validation"] : [])].join(", "),
    ]);
  const lonely = outliers.slice(0, Math.min(top, 10)).map((one) => [printable(one.file), printable(one.class), one.distance.toFixed(3)]);
  return [
    ...verdictInWords(found),
    "",
    paint.bold("Labels to look at, the most doubtful first"),
    ...suspects,
    "",
    paint.bold(duplicates.length === 0 ? "No photographs that are nearly the same" : "Photographs that are nearly the same"),
    ...(pairs.length === 0 ? [] : table(["left", "left", "right", "left"], pairs, paint, { head: ["file", "and", "alike", ""] })),
    ...(duplicates.length > top ? [`… ${count(duplicates.length - top)} more; --top shows more, --json all`] : []),
    "",
    paint.bold("Photographs that are like no other"),
    ...table(["left", "left", "right"], lonely, paint, { head: ["file", "label", "distance"] }),
    "",
    "Nothing was changed. Look at these, and move or delete what is wrong (--list writes a table for it); then train again.",
  ];
}
