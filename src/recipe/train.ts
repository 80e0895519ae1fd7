// The whole recipe on one folder: activations once, learning rate found, head, augmentation with warm restarts, all layers with
// differential learning rates, test-time augmentation. It never ends below its best stage, and goes on where it was stopped.

import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { DoneEvent, RecipeEvent, StoppedEvent } from "./events.ts";
import { RECIPE_FILE, readRecipe, writeRecipe } from "./file/recipe-file.ts";
import type { Recipe } from "./file/schema.ts";
import type { TrainOptions } from "./options.ts";
import { choosePlaces } from "./places.ts";
import { networksOf } from "./plan/networks.ts";
import { planRecipe } from "./plan/plan.ts";
import { doneOf, readRecord, recordedPredictions, writeRecord } from "./record/record.ts";
import { photographsOf, REPORT_FILE, writeReport } from "./record/report.ts";
import { goBack } from "./run/best.ts";
import { budgetOf } from "./run/budget.ts";
import { factsOf, fingerprintOf, type Networks, openNetworks, readPhotographs } from "./run/open.ts";
import { checkSameRun, openUnfinished, type Unfinished } from "./run/resume-folder.ts";
import { Run } from "./run/run.ts";

export type { RecipeChoices } from "./choices/table.ts";
export type { TableOptions, TrainOptions } from "./options.ts";

/** Runs the recipe and saves the model. Throws a UsageError for what a person can mend; an aborted signal throws, and the run can be gone on with. */
export async function train(options: TrainOptions): Promise<DoneEvent> {
  const events: RecipeEvent[] = [];
  const onEvent = (event: RecipeEvent): void => {
    if (event.event !== "progress") events.push(event);
    options.onEvent(event);
  };
  const work: WorkOptions = {
    signal: options.signal,
    onProgress: (progress) => onEvent({ event: "progress", ...progress }),
    onWarning: (warning) => onEvent({ event: "warning", ...warning }),
  };
  networksOf(options, undefined); // A word mistyped is said before anything is looked at.
  const places = await choosePlaces(options.folder, options);
  const unfinished = await openUnfinished(places.model);
  const over = options.resume && !unfinished.recipe ? doneOf(await readRecord(places.model)) : undefined;
  if (over) {
    onEvent(over);
    return over;
  }
  const file = await fileToRepeat(options, unfinished);
  // Found, or missed, before any image is looked at.
  const networks = await openNetworks(options, file, work);
  const data = await readPhotographs(options, options.seed ?? file?.seed ?? 42, { ...work, cache: places.cache });
  onEvent({
    event: "data",
    ...(data.kind !== "single" && { kind: data.kind }),
    classes: data.classes,
    train: data.train.length,
    valid: data.valid.length,
    leftOut: data.leftOut,
  });
  const recipe = await begin(options, data, file, networks, unfinished, onEvent);
  const budget = budgetOf(options.time, 0, () => performance.now());
  const run = new Run({
    ...places,
    recipe,
    data,
    networks,
    unfinished,
    budget,
    work,
    onEvent,
    checkpointSeconds: options.checkpointSeconds,
  });
  try {
    return await finish(run, places.model, options, events, onEvent, unfinished);
  } catch (error) {
    if (options.signal?.aborted) onEvent(await stop(run, unfinished.folder));
    throw error;
  } finally {
    await run.release();
  }
}

/** The recipe to go by: that of the run to go on with, or the file that was named. */
async function fileToRepeat({ resume, recipe }: TrainOptions, unfinished: Unfinished): Promise<Recipe | undefined> {
  if (resume && unfinished.recipe) return unfinished.recipe;
  if (recipe === undefined) return undefined;
  const file = await readRecipe(recipe);
  if (!file) throw new UsageError(`There is no recipe ${recipe}`, `A run leaves its recipe in the model's folder, as ${RECIPE_FILE}.`);
  return file;
}

/** Decides on the recipe, and makes place for the run or goes on with the one that is there. */
async function begin(
  options: TrainOptions,
  data: ImageDataset,
  file: Recipe | undefined,
  networks: Networks,
  unfinished: Unfinished,
  onEvent: (event: RecipeEvent) => void,
): Promise<Recipe> {
  const { classes, train, valid } = data;
  const described = { fingerprint: fingerprintOf(data), classes: classes.length, train: train.length, valid: valid.length };
  const sizeOf = (network: string): number => networks.get(network)?.architecture.size as number;
  const recipe = planRecipe(options, file, factsOf(data), described, sizeOf);
  const { folder, recipe: before } = unfinished;
  if (options.resume && before) {
    checkSameRun(before, recipe, options.time !== undefined);
    onEvent({ event: "resumed", folder });
    return before;
  }
  if (options.resume) onEvent({ event: "warning", message: "There is no run to go on with, so one begins" });
  else if (before)
    onEvent({
      event: "warning",
      message: `A run that was stopped is in ${folder}, and this one takes its place`,
      hint: "To go on with it instead, stop now and give the same command --resume.",
    });
  if (file && file.data.fingerprint !== described.fingerprint)
    onEvent({ event: "warning", message: "The recipe was made for other photographs, so its result will be another" });
  onEvent({ event: "recipe", recipe });
  await unfinished.remove();
  await unfinished.keepRecipe(recipe);
  return recipe;
}

/** Trains, predicts, and saves the model with its recipe, its record and its report. */
async function finish(
  run: Run,
  model: string,
  { folder, csv, table }: TrainOptions,
  events: readonly RecipeEvent[],
  onEvent: (event: RecipeEvent) => void,
  unfinished: Unfinished,
): Promise<DoneEvent> {
  const best = await run.train();
  const predicted = await run.predict(best);
  const { accuracy, metrics } = best.result;
  const all = { ...(metrics && { metrics }), ...(predicted.metrics && { ttaMetrics: predicted.metrics }) };
  const worth = { accuracy, ttaAccuracy: predicted.accuracy, ...all };
  await best.learner.save(model, { stages: run.summaries, ...worth }, best.parameters);
  await writeRecipe(join(model, RECIPE_FILE), run.recipe);
  const done: DoneEvent = { event: "done", ...worth, stages: run.summaries, model, report: join(model, REPORT_FILE) };
  const predictions = recordedPredictions(predicted);
  await writeRecord(model, {
    format: "thaw run",
    version: 1,
    given: { folder, ...(csv !== undefined && { csv, table }) },
    photographs: photographsOf(model, folder),
    recipe: run.recipe,
    events: [...events, done],
    stages: run.records,
    predictions,
    imagesPerSecond: await run.speed(model),
    problems: await run.problems(),
  });
  await writeReport(model);
  await unfinished.remove();
  onEvent(done);
  return done;
}

/** Saves the best model so far within the folder that keeps the run. */
async function stop({ best }: Run, folder: string): Promise<StoppedEvent> {
  if (!best) return { event: "stopped", folder };
  const model = join(folder, "best");
  const { accuracy } = best.result;
  await (await goBack(best)).save(model, { accuracy }, best.parameters);
  return { event: "stopped", folder, best: { model, accuracy } };
}
