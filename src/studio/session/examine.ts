// Marks on photographs: what `thaw check` finds about their files, and what `thaw audit` finds about their labels.

import type { WorkOptions } from "../../core/progress.ts";
import { type CompareOptions, comparePictures } from "../../data/check/compare-pictures.ts";
import { LONG, TINY } from "../../data/check/report.ts";
import { formatOfName } from "../../data/decode/file-names.ts";
import { standardizedRoots } from "../../interpret/features.ts";
import { rankLabels } from "../../interpret/label-errors.ts";
import { leaveOneOut } from "../../interpret/leave-one-out.ts";
import { nearestNeighbours, neighbourVotes, rankOutliers } from "../../interpret/neighbours.ts";
import type { Mark, PhotoId } from "../protocol/photographs.ts";
import type { FitSubject } from "./fitting.ts";
import type { PhotoTable } from "./photo-table.ts";

type Marks = Map<PhotoId, Mark[]>;

/** The same number as in `thaw audit`. */
const NEIGHBOURS = 20;
/** An outlier is this many standard deviations farther from its neighbours than the mean photograph. */
const FAR = 3;

/** What is to be said about the files of photographs. */
export async function examineFiles(table: PhotoTable, ids: readonly PhotoId[], options: CompareOptions): Promise<Marks> {
  const marks: Marks = new Map();
  const { found, copies } = await comparePictures(
    ids.map((id) => table.item(id)),
    table.tree.path,
    options,
  );
  for (const [position, inspection] of found.entries()) {
    const id = ids[position] as PhotoId;
    if ("error" in inspection) {
      mark(marks, id, { mark: "broken", message: `It cannot be read: ${inspection.error}.` });
      continue;
    }
    const { format, width, height } = inspection;
    const named = formatOfName(table.name(id));
    if (named !== undefined && named !== format)
      mark(marks, id, { mark: "misnamed", message: `Its name says ${named}, and it is ${format}.` });
    if (Math.min(width, height) < TINY) mark(marks, id, { mark: "odd", message: `It is tiny: ${width} × ${height} pixels.` });
    else if (Math.max(width, height) > LONG * Math.min(width, height))
      mark(marks, id, { mark: "odd", message: `It is very long: ${width} × ${height} pixels.` });
  }
  for (const group of copies) {
    const [first, ...others] = group.map((position) => ids[position] as PhotoId) as [PhotoId, ...PhotoId[]];
    for (const id of others) mark(marks, id, copyOf(table, first));
    mark(marks, first, copyOf(table, others[0] as PhotoId));
  }
  return marks;
}

/** What is to be said about labels, and about photographs that are unlike all others. */
export async function examineLabels({ bank, labelled, classes }: FitSubject, work: WorkOptions): Promise<Marks> {
  const marks: Marks = new Map();
  const ids = labelled.map(({ id }) => id);
  const labels = labelled.map(({ label }) => label);
  const features = standardizedRoots(bank.gather(ids).data, bank.width);
  const neighbours = await nearestNeighbours(features, bank.width, NEIGHBOURS, work);
  const votes = neighbourVotes(neighbours, labels, classes.length);
  const heads = await leaveOneOut(features, labels, { classes: classes.length, ...work });
  const doubts = rankLabels(
    heads.map((probability, i) => (probability + votes[i]!) / 2),
    labels,
  );
  for (const { index, suggested, likely } of doubts) {
    const name = classes[suggested] as string;
    if (likely)
      mark(marks, ids[index] as PhotoId, { mark: "suspect", message: `It rather seems to be of the class ${name}.`, suggested: name });
  }
  const outliers = rankOutliers(neighbours);
  const mean = outliers.reduce((sum, { distance }) => sum + distance, 0) / outliers.length;
  const variance = outliers.reduce((sum, { distance }) => sum + (distance - mean) ** 2, 0) / outliers.length;
  for (const { index, distance } of outliers)
    if (distance > mean + FAR * Math.sqrt(variance))
      mark(marks, ids[index] as PhotoId, { mark: "outlier", message: "It is unlike all other photographs." });
  return marks;
}

function copyOf(table: PhotoTable, other: PhotoId): Mark {
  return { mark: "copy", message: `It is the same picture as ${table.name(other)}.`, other };
}

function mark(marks: Marks, id: PhotoId, found: Mark): void {
  marks.set(id, [...(marks.get(id) ?? []), found]);
}
