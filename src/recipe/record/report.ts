// The report of a run: from the record that lies with the model to report.html beside it.

import { files } from "#files";
import { places } from "#run-places";
import { MODEL_FILES } from "../../classifier/format.ts";
import { readModel } from "../../classifier/read-model.ts";
import { UsageError } from "../../core/errors.ts";
import { fileName } from "../../core/file-name.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Store } from "../../core/store/store.ts";
import { storeOf } from "../../core/store/store-of.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { FileTree } from "../../data/files/file-tree.ts";
import { treeOf } from "../../data/files/tree-of.ts";
import { mapLimited } from "../../data/load/limiter.ts";
import { openHeatMaps } from "../../interpret/heat-maps.ts";
import type { ReportContent } from "../../interpret/report/content.ts";
import { filesShown } from "../../interpret/report/galleries.ts";
import { renderReport } from "../../interpret/report/page.ts";
import { pictureMaker } from "../../interpret/report/pictures.ts";
import { RECIPE_FILE } from "../file/recipe-file.ts";
import { REPORT_FILE, type RunRecord, readRecord } from "./record.ts";
import { repeatCommand } from "./repeat-command.ts";
import { reportContent } from "./report-content.ts";

/** The numbers of the report on the model in `place`, a folder or a store. Throws a UsageError if it has no record of its run. */
export async function readReport(place: string | Store): Promise<ReportContent> {
  return (await openReport(storeOf(place))).content;
}

/**
 * Writes report.html beside the model in `place`, a folder or a store, and returns its path. `photographs` is the folder or tree that the
 * predictions' files lie in, by default the one that the run was on. If it cannot be read, the page has no pictures.
 */
export async function writeReport(place: string | Store, photographs?: string | FileTree, work: WorkOptions = {}): Promise<string> {
  const store = storeOf(place);
  const { content, record } = await openReport(store);
  const recorded = record.photographs === undefined ? undefined : places.photographsOf(store.locate(), record.photographs);
  const page = await render(content, store, photographs === undefined ? recorded : treeOf(photographs), work);
  await store.put(REPORT_FILE, page);
  return store.locate(REPORT_FILE);
}

/** Pictures that are made at once. */
const PICTURES = 4;

async function render(content: ReportContent, model: Store, photographs: FileTree | undefined, work: WorkOptions): Promise<string> {
  const { onProgress, signal } = work;
  const entries = await photographs?.entries("").catch(() => undefined);
  if (!photographs || !entries) return renderReport(content);
  const maps = await openHeatMaps(model);
  const picture = pictureMaker((file) => photographs.read?.(file) ?? photographs.locate(file), maps);
  const shown = [...(await filesShown(content))];
  let done = 0;
  const draw = async (file: string): Promise<void> => {
    await picture(file);
    onProgress?.({ task: "Drawing heat maps for the report", done: ++done, total: shown.length, unit: "photographs" });
  };
  try {
    // While one photograph is in the network, others are decoded and their pictures compressed.
    await mapLimited(shown, PICTURES, draw, signal);
    return await renderReport(content, picture);
  } finally {
    await maps.release();
  }
}

async function openReport(store: Store): Promise<{ content: ReportContent; record: RunRecord }> {
  const [{ description, parameters }, record] = [await readModel(store), await readRecord(store)];
  if (!record)
    throw new UsageError(`${store.locate()} has no record of its run`, "`thaw train` leaves one, run.json, in the model's folder.");
  const sizes = await Promise.all(MODEL_FILES.map(async (file) => (await store.stat(file))?.bytes ?? 0));
  const model = {
    architecture: description.architecture,
    size: description.preprocessing.size,
    parameters: [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: sizes.reduce((a, b) => a + b, 0),
    imagesPerSecond: record.imagesPerSecond,
  };
  const command = repeatCommand(record.given, store.locate(RECIPE_FILE));
  return { content: reportContent(record, description, { title: fileName(files.resolve(store.locate())), command, model }), record };
}
