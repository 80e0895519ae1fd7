// The whole recipe: cached activations, the learning rate found, the head, augmentation with warm restarts, all layers with differential
// learning rates, test-time augmentation. A run never ends below its best stage, and resumes after it was stopped.

import { UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { isFromSystem } from "../../core/system-error.ts";
import type { ImageDataset } from "../../data/dataset/dataset.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { defaultNetworkInWords } from "../../nn/default-network/default-network.ts";
import { LostDeviceError } from "../../runtime/lost-device.ts";
import { LEAST_SIZE } from "../choices/plan-choices.ts";
import { VALUE_CHOICES } from "../choices/value-choices.ts";
import type { DoneEvent, RecipeEvent, StoppedEvent } from "../events.ts";
import { RECIPE_FILE, readRecipe, storedRecipe, writeRecipe } from "../file/recipe-file.ts";
import type { Recipe } from "../file/schema.ts";
import type { TrainOptions } from "../options.ts";
import type { Places } from "../places.ts";
import { isOnnx } from "../plan/networks.ts";
import { planRecipe } from "../plan/plan-recipe.ts";
import { doneOf, REPORT_FILE, recordedPredictions, storedRecord, writeRecord } from "../record/record.ts";
import { goBack } from "./best.ts";
import { budgetOf } from "./budget.ts";
import { gather, type Sources } from "./gather.ts";
import { recipeFor } from "./recipe-for.ts";
import { checkSameRun, differenceOf, ResumeFolder } from "./resume-folder.ts";
import { Run } from "./run.ts";
import { checkGroups, type Networks } from "./stage-learner.ts";
import { fitTrust } from "./trust.ts";

/** What a run takes from the platform: where it reads, where it writes, and what the machine can do. */
export interface RunPlatform extends Places, Sources {
  /** Writes the page about the run whose record lies with the model; absent if there is to be none. */
  writeReport?(work: WorkOptions): Promise<string>;
}

/**
 * Runs the recipe and saves the model. Throws a UsageError for what the user can fix; an aborted signal throws, and the run can be resumed.
 */
export async function runRecipe(options: TrainOptions, platform: RunPlatform): Promise<DoneEvent> {
  const events: RecipeEvent[] = [];
  const onEvent = (event: RecipeEvent): void => {
    if (event.event !== "progress") events.push(event);
    options.onEvent?.(event);
  };
  const work: WorkOptions = {
    signal: options.signal,
    onProgress: (progress) => onEvent({ event: "progress", ...progress }),
    onWarning: (warning) => onEvent({ event: "warning", ...warning }),
  };
  const resumeFolder = await ResumeFolder.open(platform, options.resume ? undefined : work.onWarning);
  const over = options.resume && !resumeFolder.recipe ? await finishedRun(options, platform) : undefined;
  if (over) {
    // What is left of a run that has ended, if its deletion was stopped in the middle.
    await resumeFolder.delete();
    const { report: _, ...result } = over;
    onEvent({ ...result, event: "saved" });
    onEvent(over);
    return over;
  }
  const file = await fileToRepeat(options, resumeFolder);
  const { data, networks, chosen, given } = await gather(options, file, options.seed ?? file?.seed ?? DEFAULT_SEED, platform, work);
  onEvent({
    event: "data",
    ...(data.kind !== "single" && { kind: data.kind }),
    classes: data.classes,
    train: data.train.length,
    valid: data.valid.length,
    leftOut: data.leftOut,
  });
  if (chosen) onEvent({ event: "network", ...chosen });
  const why = chosen && defaultNetworkInWords(chosen);
  const recipe = begin(given, data, file, networks, why, platform.cores, resumeFolder, onEvent);
  let ready = false;
  const onReady = async (): Promise<void> => {
    if (!options.resume || !resumeFolder.recipe) await resumeFolder.startOver(recipe);
    ready = true;
  };
  const budget = budgetOf(options.time, 0, () => performance.now());
  const { cache } = platform;
  const { checkpointSeconds, device } = options;
  const run = new Run({ recipe, data, networks, resumeFolder, budget, cache, work, onEvent, onReady, checkpointSeconds, device });
  try {
    return await finish(run, platform, options, events, onEvent, resumeFolder);
  } catch (error) {
    if (options.signal?.aborted && ready) onEvent(await stop(run, resumeFolder));
    // On a disk that failed no model can be saved now, and a device that was lost has taken its last steps along, but the checkpoints are there.
    else if (ready && (isFromSystem(error) || error instanceof LostDeviceError)) onEvent({ event: "stopped", folder: resumeFolder.path });
    throw error;
  } finally {
    await run.release();
  }
}

/** The seed of a run for which none is named. */
export const DEFAULT_SEED = VALUE_CHOICES.seed.choose({ train: 0, classCounts: [], cores: 1 }, {}).value;

/** The recipe to follow: that of the run to resume, or the file that was named. */
async function fileToRepeat({ resume, recipe }: TrainOptions, resumeFolder: ResumeFolder): Promise<Recipe | undefined> {
  if (resume && resumeFolder.recipe) return resumeFolder.recipe;
  if (recipe === undefined) return undefined;
  const file = await readRecipe(recipe);
  if (!file)
    throw new UsageError(
      `There is no recipe ${typeof recipe === "string" ? recipe : recipe.store.locate(recipe.key)}`,
      `A run leaves its recipe in the model's folder, as ${RECIPE_FILE}.`,
    );
  return file;
}

/** How the run ended that made the model in its place, if it did. Throws a UsageError if that was another run than what is asked for. */
async function finishedRun(options: TrainOptions, { model, photographs, cores }: RunPlatform): Promise<DoneEvent | undefined> {
  const record = await storedRecord(model);
  const over = doneOf(record);
  if (!record || !over) return undefined;
  const before = await storedRecipe({ store: model, key: RECIPE_FILE });
  if (record.photographs !== undefined && record.photographs !== photographs)
    throw new UsageError(
      `The run that made ${over.model} is over, and it learnt from the photographs in ${record.given.folder}`,
      TRAIN_AGAIN,
    );
  if (!before) return over;
  const { data } = before;
  const facts = { train: data.train, classCounts: Array<number>(data.classes).fill(1), cores };
  const sizeOf = (network: string): number =>
    before.stages.find((stage) => stage.network === network)?.size ?? (isOnnx(network) ? LEAST_SIZE : architectureOf(network).size);
  const other = differenceOf(before, planRecipe(options, before, facts, data, sizeOf), options.time !== undefined);
  if (other) throw new UsageError(`The run that made ${over.model} is over, and it had ${other[0]}, not ${other[1]}`, TRAIN_AGAIN);
  return over;
}

const TRAIN_AGAIN = "To train again, choose another folder with --out, or replace the model with --force instead of --resume.";

/** Decides on the recipe, and begins a run or resumes the one that was stopped. */
function begin(
  options: TrainOptions,
  data: ImageDataset,
  file: Recipe | undefined,
  networks: Networks,
  whyNetwork: string | undefined,
  cores: number,
  resumeFolder: ResumeFolder,
  onEvent: (event: RecipeEvent) => void,
): Recipe {
  const planned = recipeFor(options, file, data, networks, cores);
  const recipe = whyNetwork === undefined ? planned : { ...planned, why: { network: whyNetwork, ...planned.why } };
  checkGroups(recipe, networks);
  const { path: folder, recipe: before } = resumeFolder;
  if (options.resume && before) {
    checkSameRun(before, recipe, options.time !== undefined);
    onEvent({ event: "resumed", folder });
    return before;
  }
  if (options.resume) onEvent({ event: "warning", message: "There is no run to resume, so a new one begins" });
  else if (before)
    onEvent({
      event: "warning",
      message: `A run that was stopped is in ${folder}, and this one replaces it`,
      hint: "To resume it instead, stop now and give the same command --resume.",
    });
  if (file && file.data.fingerprint !== recipe.data.fingerprint)
    onEvent({ event: "warning", message: "The recipe was made for other photographs, so its result will differ" });
  onEvent({ event: "recipe", recipe });
  return recipe;
}

/** Trains, predicts, and saves the model with its recipe, its record and its report. */
async function finish(
  run: Run,
  { model, photographs, writeReport }: RunPlatform,
  { folder, parts, csv, table }: TrainOptions,
  events: readonly RecipeEvent[],
  onEvent: (event: RecipeEvent) => void,
  resumeFolder: ResumeFolder,
): Promise<DoneEvent> {
  const best = await run.train();
  const learner = await goBack(best);
  const trust = await fitTrust(learner, run.recipe);
  const predicted = await run.predict(learner);
  if (trust) onEvent({ event: "trust", ...trust });
  const { accuracy, metrics } = best.result;
  const augmented = run.recipe.tta > 0;
  const worth = {
    accuracy,
    ...(augmented && { ttaAccuracy: predicted.accuracy }),
    ...(metrics && { metrics }),
    ...(augmented && predicted.metrics && { ttaMetrics: predicted.metrics }),
  };
  await learner.save(model, { stages: run.summaries, ...worth });
  await writeRecipe(model, run.recipe);
  const result = { ...worth, stages: run.summaries, model: model.locate() };
  onEvent({ event: "saved", ...result });
  const done: DoneEvent = { event: "done", ...result, ...(writeReport && { report: model.locate(REPORT_FILE) }) };
  const [imagesPerSecond, problems] = [await run.speed(model), await run.problems()];
  await writeRecord(model, {
    format: "thaw run",
    version: 1,
    given: { folder: typeof folder === "string" ? folder : folder.path, ...(parts && { parts }), ...(csv !== undefined && { csv, table }) },
    photographs,
    recipe: run.recipe,
    events: [...events, done],
    stages: run.records,
    predictions: recordedPredictions(predicted),
    imagesPerSecond,
    problems,
  });
  // The model and its record are there: what is left is not stopped.
  await writeReport?.({ onProgress: (progress) => onEvent({ event: "progress", ...progress }) });
  await resumeFolder.delete();
  onEvent(done);
  return done;
}

/** Saves the best model so far within the folder of the run. */
async function stop({ best }: Run, { path: folder, bestModel }: ResumeFolder): Promise<StoppedEvent> {
  if (!best) return { event: "stopped", folder };
  const { accuracy } = best.result;
  await (await goBack(best)).save(bestModel, { accuracy }, best.parameters);
  return { event: "stopped", folder, best: { model: bestModel.locate(), accuracy } };
}
