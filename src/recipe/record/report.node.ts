// The report of a run: from the record that lies with the model to report.html beside it.

import { stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { MODEL_FILE, NETWORK_FILE, WEIGHTS_FILE } from "../../classifier/format.ts";
import { readModel } from "../../classifier/read-model.ts";
import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { diskStore } from "../../core/store/disk.node.ts";
import { sizeOf } from "../../core/tensor.ts";
import { openHeatMaps } from "../../interpret/heat-maps.ts";
import type { ReportContent } from "../../interpret/report/content.ts";
import { filesShown } from "../../interpret/report/galleries.ts";
import { renderReport } from "../../interpret/report/page.ts";
import { pictureMaker } from "../../interpret/report/pictures.ts";
import { RECIPE_FILE } from "../file/recipe-file.ts";
import { REPORT_FILE, type RunRecord, readRecord } from "./record.ts";
import { repeatCommand } from "./repeat-command.ts";
import { reportContent } from "./report-content.ts";

/** What predicting needs. */
const MODEL_FILES = [MODEL_FILE, WEIGHTS_FILE, NETWORK_FILE];

/** The numbers of the report on the model in `folder`. Throws a UsageError if it has no record of its run. */
export async function readReport(folder: string): Promise<ReportContent> {
  return (await openReport(folder)).content;
}

/**
 * Writes report.html into the model's folder and returns its path. `photographs` is the folder that the predictions' files lie in, by
 * default the one that the run was on. If it does not exist, the page has no pictures.
 */
export async function writeReport(folder: string, photographs?: string, work: WorkOptions = {}): Promise<string> {
  const { content, record } = await openReport(folder);
  const place = photographs ?? (record.photographs === undefined ? undefined : resolve(folder, record.photographs));
  const page = await render(content, folder, place, work);
  await diskStore(folder).put(REPORT_FILE, page);
  return join(folder, REPORT_FILE);
}

async function render(
  content: ReportContent,
  folder: string,
  photographs: string | undefined,
  { onProgress, signal }: WorkOptions,
): Promise<string> {
  const exist = photographs !== undefined && (await stat(photographs).catch(() => undefined))?.isDirectory();
  if (!exist) return renderReport(content);
  const maps = await openHeatMaps(folder);
  const picture = pictureMaker((file) => join(photographs, file), maps);
  const [total, made] = [(await filesShown(content)).size, new Set<string>()];
  try {
    return await renderReport(content, async (file) => {
      signal?.throwIfAborted();
      const found = await picture(file);
      onProgress?.({ task: "Drawing heat maps for the report", done: made.add(file).size, total, unit: "photographs" });
      return found;
    });
  } finally {
    await maps.release();
  }
}

/** The photographs' folder as a record holds it: relative to the model's, so that both can be moved together. */
export function photographsOf(model: string, photographs: string): string {
  return relative(model, resolve(photographs));
}

async function openReport(folder: string): Promise<{ content: ReportContent; record: RunRecord }> {
  const [{ description, parameters }, record] = [await readModel(folder), await readRecord(folder)];
  if (!record) throw new UsageError(`${folder} has no record of its run`, "`thaw train` leaves one, run.json, in the model's folder.");
  const store = diskStore(folder);
  const sizes = await Promise.all(MODEL_FILES.map(async (file) => (await store.stat(file))?.bytes ?? 0));
  const model = {
    architecture: description.architecture,
    size: description.preprocessing.size,
    parameters: [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: sizes.reduce((a, b) => a + b, 0),
    imagesPerSecond: record.imagesPerSecond,
  };
  const command = repeatCommand(record.given, join(folder, RECIPE_FILE));
  return { content: reportContent(record, description, { title: basename(resolve(folder)), command, model }), record };
}
