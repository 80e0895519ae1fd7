// `thaw audit`: finds labels that are likely wrong, near duplicates and outliers, from a pretrained network's features. Changes nothing unless it is given
// a list of changes to make.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { imageSize } from "../../nn/image-size.ts";
import type { Architecture } from "../../nn/scope.ts";
import { type PartFlags, partNames } from "../shared/photographs/parts.ts";
import { paintFor, printLines } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { changesCsv, cleaningLines, readChanges } from "./changes.ts";
import { auditLines } from "./lines.ts";

export interface AuditFlags extends PartFlags {
  arch?: string;
  weights?: string;
  offline?: boolean;
  size?: number;
  top: number;
  seed: number;
  threads?: number;
  cache?: string;
  json?: boolean;
  /** File for a list of labels to decide about. */
  list?: string;
  /** File of such a list, with decisions. */
  apply?: string;
  /** Makes the changes. */
  yes?: boolean;
}

const BATCH = 64;
/** In pixels: a small network recognises more in photographs larger than those it was trained on. */
const LEAST_SIZE = 224;

/** Side in pixels of the images that `architecture` is given if none is asked for: as in a run that learns from `train` of them, and at least 224. */
export function auditSize(architecture: Architecture, train: number): number {
  return Math.max(LEAST_SIZE, imageSize(architecture, train));
}

/** Looks through the photographs in `folder`; returns 0, or 130 after Ctrl-C. */
export async function auditCommand(folder: string, flags: AuditFlags): Promise<number> {
  const { arch, weights, offline, size, top, seed, threads, cache, json = false, list, apply, yes = false } = flags;
  if (apply !== undefined) return applyCommand(folder, apply, { yes, cache });
  if (yes) throw new UsageError("--yes makes the changes of a list, and none is given", "Name one with --apply.");
  const [
    { findDataProblems },
    { ConvLearner },
    { ImageClassifierData },
    { datasetFromPaths },
    { tfmsFromModel },
    { architectureOf },
    { findDefaultNetwork },
    { networkOfWeights },
    { defaultNetworkInWords },
    { cacheFor, elsewhereWarning },
  ] = await Promise.all([
    import("../../interpret/data-problems.ts"),
    import("../../learner/learner.ts"),
    import("../../data/image-data.ts"),
    import("../../data/sources/read-dataset.ts"),
    import("../../data/augment/transforms.ts"),
    import("../../nn/catalogue.ts"),
    import("../../nn/default-network/find-default.node.ts"),
    import("../../recipe/run/open-networks.ts"),
    import("../../nn/default-network/default-network.ts"),
    import("../../core/cache-folder.node.ts"),
  ]);
  const isChosen = arch === undefined && weights === undefined;
  // A mistyped name is reported before anything is looked at.
  if (arch !== undefined) architectureOf(arch);
  const kept = cache ?? cacheFor(folder);
  return runWork(["Stopped. Activations are cached; run the same command again to continue."], async (work) => {
    const elsewhere = cache === undefined ? elsewhereWarning(folder, kept) : undefined;
    if (elsewhere) work.onWarning?.(elsewhere);
    const dataset = await datasetFromPaths(folder, { ...work, ...partNames(flags), cache: kept, seed });
    const photographs = dataset.train.length + dataset.valid.length;
    const cores = threads ?? availableParallelism();
    const sizeOf = (architecture: Architecture): number => size ?? auditSize(architecture, dataset.train.length);
    const chosen = isChosen ? await findDefaultNetwork({ photographs, cores, sizeOf }, { ...work, offline }) : undefined;
    const architecture = architectureOf(arch ?? chosen?.network ?? (await networkOfWeights(weights as string, { ...work, offline })));
    const tfms = tfmsFromModel(architecture, sizeOf(architecture));
    const data = new ImageClassifierData({ ...dataset, tfms, bs: BATCH, seed });
    const learner = await ConvLearner.pretrained(architecture, data, {
      ...work,
      weights: weights ?? (chosen && chosen.weights !== chosen.network ? chosen.weights : undefined),
      ...(offline && { offline }),
      cache: kept,
      seed,
    });
    const found = await findDataProblems(learner, { ...work, cache: kept, session: threads === undefined ? {} : { threads } });
    await learner.dispose();
    if (list !== undefined) await writeFile(list, changesCsv(found.labels.filter((label, i) => label.likely || i < top)));
    if (json) return { json: [{ network: architecture.name, ...found }], exitCode: 0 };
    const lines = auditLines(found, top, paintFor(process.stdout, process.env));
    return { lines: chosen ? [`network ${defaultNetworkInWords(chosen)}`, ...lines] : lines, exitCode: 0 };
  });
}

/** Makes the changes of the list `file`, or with `yes` false says what they are. */
async function applyCommand(folder: string, file: string, { yes, cache }: { yes: boolean; cache: string | undefined }): Promise<number> {
  const [{ clean, planCleaning }, { cacheFor }] = await Promise.all([
    import("../../interpret/clean/clean.node.ts"),
    import("../../core/cache-folder.node.ts"),
  ]);
  const text = await readFile(file, "utf8");
  const removed = join(cache ?? cacheFor(folder), "removed");
  const steps = await planCleaning(folder, readChanges(text, file), removed);
  if (yes) await clean(steps);
  printLines(process.stdout, cleaningLines(steps, yes, removed, paintFor(process.stdout, process.env)));
  return 0;
}
