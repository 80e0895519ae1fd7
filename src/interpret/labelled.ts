// Images with labels that a saved model is to be measured on: folders named like its classes, or a table.

import { join, resolve } from "node:path";
import type { Classifier } from "../classifier/classifier.ts";
import type { Regressor } from "../classifier/regressor.ts";
import { UsageError } from "../core/errors.ts";
import { type CsvOptions, readCsv } from "../data/csv.ts";
import { FolderReader, foldersIn } from "../data/folder-reader.ts";
import type { Item } from "../data/items.ts";

/** Where the labels are: by default in the names of folders, with `csv` in a table, as ImageClassifierData.fromCsv reads it. */
export interface LabelledOptions extends Pick<CsvOptions, "suffix" | "labelColumns" | "catSeparator" | "onWarning"> {
  csv?: string | undefined;
}

/**
 * The images in `folder` with labels by the model's own classes: those of <folder>/<class>/, or of <folder>/valid/<class>/ where that is how it
 * is laid out. Throws a UsageError for folders, labels or columns that the model does not know.
 */
export async function labelledItems(
  model: Classifier | Regressor,
  folder: string,
  options: LabelledOptions = {},
): Promise<readonly Item[]> {
  const { csv, onWarning, ...columns } = options;
  const { classes } = model.description;
  if (csv !== undefined) {
    const multi = model.kind === "multi" && { isMulti: true };
    const source = await readCsv(folder, "", csv, { ...columns, onWarning, continuous: model.kind === "continuous", ...multi });
    checkKnown(source.classes, classes, csv);
    const of = (label: number): number => classes.indexOf(source.classes[label] as string);
    return [...source.train, ...source.valid].map((item) => ({
      ...item,
      label: item.label < 0 ? item.label : of(item.label),
      ...(item.labels && { labels: item.labels.map(of).sort((a, b) => a - b) }),
      ...(item.values && { values: classes.map((name) => item.values?.[source.classes.indexOf(name)] ?? Number.NaN) }),
    }));
  }
  if (model.kind !== "single")
    throw new UsageError(
      `Folders name one class for each image, and this model is of another kind ("${model.kind}")`,
      "Give a table: --csv.",
    );
  const root = resolve(folder);
  const top = await foldersIn(root, "");
  const part = top.includes("valid") && !classes.includes("valid") ? "valid" : "";
  const found = part === "" ? top : await foldersIn(root, part);
  checkKnown(found, classes, join(root, part));
  const reader = new FolderReader(root);
  const items = await reader.labelled(part === "" ? "" : `${part}/`, found, classes);
  reader.report(onWarning);
  if (items.length === 0)
    throw new UsageError(`There are no images in ${join(root, part)}`, `Put them into folders named ${classes.join(", ")}.`);
  return items;
}

function checkKnown(found: readonly string[], classes: readonly string[], place: string): void {
  const strangers = found.filter((name) => !classes.includes(name));
  if (strangers.length > 0 || found.length === 0)
    throw new UsageError(
      found.length === 0 ? `There are no folders in ${place}` : `${place} has "${strangers[0]}", which the model does not know`,
      `The model knows ${classes.join(", ")}.`,
    );
}
