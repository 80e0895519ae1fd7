// Which folders of a data set hold its parts, and which are classes: by the names that the user gives, otherwise by the usual ones. What is
// taken for what is told unless the names are thaw's own.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Part } from "../dataset/dataset.ts";
import { LAYOUT } from "../files/file-tree.ts";
import { FolderReader, foldersIn, placeOf } from "./folder-reader.ts";

/** Names of the folders of parts, relative to the data set's. */
export interface PartNames {
  /** Default "train" or another usual name; "." for the data set's own folder, all of whose folders are then classes. */
  trainName?: string | undefined;
  /** Default "valid" or another usual name; without such a folder a part of the training images is held out. */
  validName?: string | undefined;
  testName?: string | undefined;
}

/** The folders of a data set; "" is its own. */
export interface Layout {
  readonly train: string;
  /** Undefined if the validation images are to be drawn from the training images. */
  readonly valid: string | undefined;
  readonly test: string | undefined;
  /** The folders of `train` that are classes, sorted. */
  readonly classes: readonly string[];
}

/** The usual names of the folders of parts, in any case. If a data set has several of them, the first counts. */
const USUAL: Readonly<Record<Part, readonly [string, ...string[]]>> = {
  train: ["train", "training", "trn"],
  valid: ["valid", "validation", "val", "dev"],
  test: ["test", "testing"],
};
const PARTS = ["train", "valid", "test"] as const;
const IMAGES_OF: Readonly<Record<Part, string>> = { train: "training images", valid: "validation images", test: "test images" };

/** The part that a folder is called like; undefined for any other name. */
export function partCalled(folder: string): Part | undefined {
  return PARTS.find((part) => USUAL[part].includes(folder.toLowerCase()));
}

/** The folder of `folders` with the most usual name for `part`; undefined if none has one. */
export function folderOfPart(folders: readonly string[], part: Part): string | undefined {
  for (const usual of USUAL[part]) {
    const found = folders.find((name) => name === usual) ?? folders.find((name) => name.toLowerCase() === usual);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The layout of the data set that `reader` reads. A folder that is called like a part is one if it has folders in it; with pictures and
 * no folders it is a class, unless all folders are called like parts. Throws a UsageError for named folders that are not there, and for a
 * validation folder without a training folder.
 */
export async function findLayout(reader: FolderReader, names: PartNames, onWarning?: WorkOptions["onWarning"]): Promise<Layout> {
  const { tree } = reader;
  const top = await foldersIn(tree, "");
  const [trainNamed, validNamed, testNamed] = PARTS.map((part) => placeOf(tree, top, names[`${part}Name`]));
  const free = top.filter((name) => ![trainNamed, validNamed, testNamed].includes(name));
  const parts = trainNamed === "" ? [] : await partsAmong(reader, free);
  const train = trainNamed ?? folderOfPart(parts, "train");
  // Beside a training folder, a folder of validation or test images needs no folders in it to be one.
  const beside = train === undefined || train === "" ? parts : free;
  const valid = validNamed ?? folderOfPart(beside, "valid");
  const test = testNamed ?? folderOfPart(beside, "test");
  if (train === undefined && valid !== undefined)
    throw new UsageError(
      `The folder ${tree.path} has "${valid}" but no "train"`,
      `${LAYOUT} If all other folders are classes to train on, name their folder: --train .`,
    );
  const layout = { train: train ?? "", valid, test };
  const inTrain = await foldersIn(tree, layout.train);
  const classes = layout.train === "" ? inTrain.filter((name) => name !== valid && name !== test) : inTrain;
  const guessed = { train: trainNamed === undefined, valid: validNamed === undefined, test: testNamed === undefined };
  warnOfGuesses({ ...layout, classes }, guessed, onWarning);
  if (layout.train !== "") await warnOfOthers(reader, top, layout, onWarning);
  return { ...layout, classes };
}

/** The folders among `folders` that are called like parts and are none of the classes. */
async function partsAmong(reader: FolderReader, folders: readonly string[]): Promise<string[]> {
  const called = folders.filter((name) => partCalled(name) !== undefined);
  if (called.length === folders.length) return called;
  const parts: string[] = [];
  for (const name of called) {
    const { folders: inside, pictures } = await reader.contents(name);
    if (inside > 0 || pictures.length === 0) parts.push(name);
  }
  return parts;
}

function warnOfGuesses(layout: Layout, guessed: Readonly<Record<Part, boolean>>, onWarning: WorkOptions["onWarning"]): void {
  const taken = PARTS.filter((part) => {
    const name = layout[part];
    return guessed[part] && name !== undefined && name !== "" && name !== USUAL[part][0];
  });
  for (const part of taken)
    onWarning?.({
      message: `The folder "${layout[part]}" is taken for the ${IMAGES_OF[part]}`,
      hint: `If it is not, name the right folder with --${part}.`,
    });
  const odd = guessed.train ? layout.classes.filter((name) => partCalled(name) !== undefined) : [];
  if (odd.length > 0)
    onWarning?.({
      message: `${odd.map((name) => `"${name}"`).join(", ")} ${odd.length === 1 ? "is taken for a class" : "are taken for classes"} although called like a part of a data set`,
      hint: "If that is right, say so with --train . Otherwise name the parts: --train, --valid, --test.",
    });
}

/** Warns of folders with images that are no parts. */
async function warnOfOthers(
  reader: FolderReader,
  top: readonly string[],
  { train, valid, test }: Omit<Layout, "classes">,
  onWarning: WorkOptions["onWarning"],
): Promise<void> {
  const used = [train, valid, test].map((name) => name?.split("/")[0]);
  // With a reader of its own, which reports nothing: what lies in these folders is no part of the data set.
  const others: string[] = [];
  for (const name of top) if (!used.includes(name) && (await new FolderReader(reader.tree).images(name, -1)).length > 0) others.push(name);
  if (others.length > 0)
    onWarning?.({
      message: `${others.length === 1 ? "1 folder is" : `${others.length} folders are`} left out, the first "${others[0]}": "${train}" has the training images`,
      hint: "Move classes into it, or name the folders of other parts: --valid, --test.",
    });
}
