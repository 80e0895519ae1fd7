// The report of a run: from the record that lies with the model to report.html beside it.

import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { MODEL_FILE, type ModelDescription, NETWORK_FILE, WEIGHTS_FILE } from "../../classifier/format.ts";
import { readModel } from "../../classifier/read-model.ts";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { sizeOf } from "../../core/tensor.ts";
import { openHeatMaps } from "../../interpret/heat-maps.ts";
import type { ReportContent } from "../../interpret/report/content.ts";
import { renderReport } from "../../interpret/report/page.ts";
import { pictureMaker } from "../../interpret/report/pictures.ts";
import type { Predictions } from "../../learner/predict/predictions.ts";
import { RECIPE_FILE } from "../file/recipe-file.ts";
import { historyOf } from "./history.ts";
import { doneOf, type RecordedPredictions, type RunRecord, readRecord } from "./record.ts";
import { repeatCommand } from "./repeat-command.ts";

export const REPORT_FILE = "report.html";
/** What predicting needs. */
const MODEL_FILES: readonly string[] = [MODEL_FILE, WEIGHTS_FILE, NETWORK_FILE];

/** The numbers of the report on the model in `folder`. Throws a UsageError where it has no record of its run. */
export async function readReport(folder: string): Promise<ReportContent> {
  const [{ description, parameters }, record] = [await readModel(folder), await readRecord(folder)];
  if (!record) throw new UsageError(`${folder} has no record of its run`, "`thaw train` leaves one, run.json, in the model's folder.");
  const files = (await readdir(folder)).filter((file) => MODEL_FILES.includes(file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  const model = {
    architecture: description.architecture,
    size: description.preprocessing.size,
    parameters: [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: sizes.reduce((a, b) => a + b, 0),
    imagesPerSecond: record.imagesPerSecond,
  };
  return contentOf(folder, record, description, model);
}

/**
 * Writes report.html into the model's folder and returns its path. `photographs` is the folder that the predictions' files lie in; default the
 * one that the run was on. Where they are not there the page has no pictures.
 */
export async function writeReport(folder: string, photographs?: string): Promise<string> {
  const [content, record] = [await readReport(folder), await readRecord(folder)];
  const place = photographs ?? (record?.photographs === undefined ? undefined : resolve(folder, record.photographs));
  const there = place !== undefined && (await stat(place).catch(() => undefined))?.isDirectory();
  const file = join(folder, REPORT_FILE);
  if (!there) {
    await writeFile(file, await renderReport(content));
    return file;
  }
  const maps = await openHeatMaps(folder);
  try {
    await writeFile(file, await renderReport(content, pictureMaker(place, maps)));
  } finally {
    await maps.release();
  }
  return file;
}

/** The photographs' folder as a record keeps it: relative to the model's, so that both can be moved together. */
export function photographsOf(model: string, photographs: string): string {
  return relative(model, resolve(photographs));
}

function contentOf(folder: string, record: RunRecord, { classes, target }: ModelDescription, model: ReportContent["model"]): ReportContent {
  const done = doneOf(record);
  const data = record.events.find((event) => event.event === "data");
  const stages = historyOf(record.events);
  const trained = stages.filter(({ summary }) => summary.name !== "tta");
  // One record for each stage that trained.
  const records = record.stages.map((stage, i) => ({ ...stage, stage: trained[i]?.title ?? stage.name }));
  const predictions = predictionsOf(record.predictions, classes.length, target?.kind, done?.accuracy ?? Number.NaN, done?.metrics);
  return {
    title: resolve(folder).split(/[\\/]/).at(-1) ?? folder,
    model,
    classes,
    train: data?.train ?? 0,
    valid: data?.valid ?? 0,
    stages: stages.map(({ title, summary: { accuracy, metrics, seconds, kept } }) => ({ name: title, accuracy, metrics, seconds, kept })),
    history: trained.map(({ title, epochs }) => ({ name: title, epochs })),
    finders: records.flatMap(({ stage, finder }) => (finder ? [{ stage, ...finder }] : [])),
    schedules: records.flatMap(({ stage, sched }) => (sched ? [{ stage, lrs: sched.lrs, losses: sched.losses }] : [])),
    predictions,
    threshold: target?.kind === "multi" ? target.threshold : undefined,
    ttaAccuracy: record.predictions.tta ? done?.ttaAccuracy : undefined,
    problems: record.problems,
    settings: record.recipe,
    command: repeatCommand(record.given, join(folder, RECIPE_FILE)),
  };
}

function predictionsOf(
  { files, targets, outputs }: RecordedPredictions,
  classes: number,
  kind: "multi" | "continuous" | undefined,
  accuracy: number,
  metrics: Predictions["metrics"],
): Predictions {
  const numbers = Float32Array.from(outputs);
  const common = { files, loss: Number.NaN, accuracy, ...(metrics && { metrics }) };
  if (kind !== "continuous") return { ...common, targets: Int32Array.from(targets), probabilities: numbers };
  const targetValues = Float64Array.from(targets.slice(0, files.length * classes));
  return { ...common, targets: new Int32Array(0), probabilities: new Float32Array(0), values: numbers, targetValues };
}
