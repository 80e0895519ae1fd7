// Labelled images to evaluate a saved model on: from folders named after its classes, or from a table.

import { files } from "#files";
import type { Classifier } from "../classifier/classifier.ts";
import type { Regressor } from "../classifier/regressor.ts";
import { UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Item } from "../data/dataset/items.ts";
import { TARGET_KINDS } from "../data/dataset/targets.ts";
import { type CsvOptions, readCsvItems } from "../data/sources/csv.ts";
import { FolderReader, foldersIn, placeOf } from "../data/sources/folder-reader.ts";
import { folderOfPart } from "../data/sources/layout.ts";

/** The source of the labels: by default the names of folders; with `csv` a table, which is read like ImageClassifierData.fromCsv. */
export interface LabelledOptions
  extends Pick<CsvOptions, "suffix" | "labelColumns" | "catSeparator" | "separator" | "skipHeader" | "onWarning"> {
  csv?: string | undefined;
  /** The folder in the given one whose folders are classes; default "valid" or "test", or another usual name of these. */
  part?: string | undefined;
}

/**
 * The images in `folder`, labelled with the model's own classes: those in <folder>/<class>/, or in <folder>/valid/<class>/ or the like if that
 * exists. Throws a UsageError for folders, labels or columns that the model does not know.
 */
export async function labelledItems(
  model: Classifier | Regressor,
  folder: string,
  options: LabelledOptions = {},
): Promise<readonly Item[]> {
  const { csv, part: named, onWarning } = options;
  const { classes } = model.description;
  if (csv !== undefined) return fromTable(model, folder, csv, options);
  if (!TARGET_KINDS[model.kind].exclusive)
    throw new UsageError(`Folders give each image one class, and this model is of another kind ("${model.kind}")`, "Give a table: --csv.");
  const tree = files.tree(folder);
  const top = await foldersIn(tree, "");
  const part = placeOf(tree, top, named) ?? partToMeasure(top, classes, onWarning);
  const found = await foldersIn(tree, part);
  checkKnown(found, classes, tree.locate(part));
  const reader = new FolderReader(tree);
  const items = await reader.labelled(part === "" ? "" : `${part}/`, found, classes);
  reader.report(onWarning);
  if (items.length === 0)
    throw new UsageError(
      `There are no images in ${tree.locate(part)}`,
      reader.passedBy.unreadIn(part)?.hint ?? `Put them into folders named ${classes.join(", ")}.`,
    );
  return items;
}

/** The folder of `top` with images to measure on, "" for the data's own; a name that is not thaw's own is told. */
function partToMeasure(top: readonly string[], classes: readonly string[], onWarning: WorkOptions["onWarning"]): string {
  const strangers = top.filter((name) => !classes.includes(name));
  const part = folderOfPart(strangers, "valid") ?? folderOfPart(strangers, "test");
  if (part !== undefined && part !== "valid")
    onWarning?.({ message: `The photographs in the folder "${part}" are measured`, hint: "Name another folder with --part." });
  return part ?? "";
}

async function fromTable(
  { kind, description: { classes } }: Classifier | Regressor,
  folder: string,
  csv: string,
  { csv: _, part: __, labelColumns, ...options }: LabelledOptions,
): Promise<readonly Item[]> {
  const asked = labelColumns === undefined ? undefined : [labelColumns].flat();
  const numbers = TARGET_KINDS[kind].names === "columns";
  if (numbers && asked && [...asked].sort().join() !== [...classes].sort().join())
    throw new UsageError(
      `The model predicts the columns ${classes.join(", ")}, not ${asked.join(", ")}`,
      "Leave them out: the model knows its columns.",
    );
  const found = await readCsvItems(folder, "", csv, {
    ...options,
    classes,
    labelColumns: numbers ? classes : asked,
    continuous: numbers,
    multiLabel: (!numbers && !TARGET_KINDS[kind].exclusive) || undefined,
  });
  if (found.kind !== kind)
    throw new UsageError(
      `${csv} has several labels for one image, and the model gives each image one class`,
      'If the names of classes contain spaces, make each cell one label: --labels-separator "".',
    );
  return found.items;
}

function checkKnown(found: readonly string[], classes: readonly string[], place: string): void {
  const strangers = found.filter((name) => !classes.includes(name));
  if (strangers.length > 0 || found.length === 0)
    throw new UsageError(
      found.length === 0 ? `There are no folders in ${place}` : `${place} has "${strangers[0]}", which the model does not know`,
      `The model knows ${classes.join(", ")}.`,
    );
}
