// What `thaw train` prints for each event: lines of text, or one line of JSON. Pure functions, so tests need no training.

import { shellWord } from "../../core/shell-word.ts";
import type { TargetKind } from "../../data/dataset/targets.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import type { Recipe } from "../../recipe/file/schema.ts";
import { shownChoices } from "../../recipe/plan/shown-choices.ts";
import { placeInWords } from "../../recipe/record/stage-history.ts";
import { type Column, clock, count, type Paint, percent, printable, quantity, table, tableRow } from "../shared/terminal.ts";
import { sparkline } from "./sparkline.ts";

const CLASSES_NAMED = 6;
/** Characters of the training loss's curve beside an epoch's row. */
const CURVE = 16;
/** Measures with a column of their own in tables. */
const METRICS_SHOWN = 3;

/** The line of JSON for `event`, without accuracies that do not exist; none for progress. */
export function trainJson(event: RecipeEvent): string[] {
  const known = (key: string, value: unknown) => (/accuracy$/i.test(key) && Number.isNaN(value) ? undefined : value);
  return event.event === "progress" ? [] : [JSON.stringify(event, known)];
}

/**
 * The lines of text for `event`; none for progress and warnings, which belong on standard error. `previous` is the last event that printed:
 * rows of epochs share one table head. `losses`, the training losses of a stage so far, are drawn beside each row.
 */
export function trainLines(event: RecipeEvent, previous: RecipeEvent | undefined, paint: Paint, losses: readonly number[] = []): string[] {
  switch (event.event) {
    case "progress":
    case "warning":
      return [];
    case "data":
      return dataLines(event, paint);
    case "recipe":
      return recipeLines(event.recipe, paint);
    case "resumed":
      return [`Resuming the run in ${printable(event.folder)}`];
    case "stage":
      return ["", `${paint.bold(paint.cyan(event.name))}${placeInWords(event)}: ${event.purpose}`];
    case "shortened":
      return [shortenedLine(event, paint)];
    case "precision":
      return [precisionLine(event)];
    case "lr":
      return [`learning rate ${event.suggestion.toExponential(1)} (${event.reason})`];
    case "epoch": {
      const curve = sparkline(losses, CURVE);
      const row = curve === "" ? epochRow(event) : `${epochRow(event)}  ${paint.cyan(curve)}`;
      return previous?.event === "epoch" ? [row] : [paint.dim(epochHead(event)), row];
    }
    case "stageEnd":
      return [stageResult(event, paint)];
    case "stopped":
      return [];
    case "done":
      return doneLines(event, paint);
  }
}

/** The lines for `event` with --quiet. */
export function quietLines(event: RecipeEvent): string[] {
  return event.event === "done" ? [`${inWords(event, "accuracy")} ${printable(event.model)}`] : [];
}

/** The lines for a run that was stopped: where it is, and the command that resumes it. */
export function stoppedLines({ folder, best }: Extract<RecipeEvent, { event: "stopped" }>, command: string): string[] {
  return [
    `Stopped. The run is saved in ${printable(folder)}.`,
    ...(best ? [`Its best model so far (accuracy ${percent(best.accuracy)}) is in ${printable(best.model)}.`] : []),
    "Resume it:",
    "",
    `  ${command}`,
  ];
}

/** The choices of a run with their reasons. */
function recipeLines(recipe: Recipe, paint: Paint): string[] {
  const rows = shownChoices(recipe).map(({ title, value, reason }) => [title, value, reason ? `(${reason})` : ""]);
  return [
    "",
    ...table(["left", "left", "left"], rows).map((line, i) => line.replace(rows[i]?.[2] as string, (reason) => paint.dim(reason))),
  ];
}

function shortenedLine({ stage, epochs, planned }: Extract<RecipeEvent, { event: "shortened" }>, paint: Paint): string {
  const what = stage === "tta" ? "view" : "epoch";
  return paint.yellow(
    epochs === 0 ? "no time is left for this stage" : `${quantity(epochs, what)} instead of ${planned}, to keep the time limit`,
  );
}

/** In 8 bit or not, and how far apart the two are. */
function precisionLine({ precision, difference, limit, images }: Extract<RecipeEvent, { event: "precision" }>): string {
  const measured = `${percent(difference)} on ${quantity(images, "photograph")}`;
  return precision === "int8"
    ? `frozen part in 8 bit for training: its features differ from full precision by ${measured}`
    : `frozen part in full precision: in 8 bit its features would differ by ${measured}, more than ${percent(limit)}`;
}

type EpochEvent = Extract<RecipeEvent, { event: "epoch" }>;
/** What was measured on the validation photographs. */
type Measured = Pick<EpochEvent, "accuracy" | "metrics">;

/** The measures that tables show, by name: the accuracy alone, or the first of several. */
function measures({ accuracy, metrics = { accuracy } }: Measured): readonly (readonly [string, number])[] {
  return Object.entries(metrics).slice(0, METRICS_SHOWN);
}

/** A measure's number as tables show it: with six decimals, large ones with seven digits. */
function decimals(value: number): string {
  return Math.abs(value) < 1000 ? value.toFixed(6) : `${Number(value.toPrecision(7))}`;
}

function epochColumns(event: Measured): readonly Column[] {
  const metrics = measures(event).map(([name]): Column => ({ align: "right", width: Math.max(8, printable(name).length) }));
  return [
    { align: "right", width: 5 },
    { align: "right", width: 10 },
    { align: "right", width: 10 },
    ...metrics,
    { align: "right", width: 7 },
  ];
}

function epochHead(event: EpochEvent): string {
  const names = measures(event).map(([name]) => printable(name));
  return tableRow(epochColumns(event), ["epoch", "train loss", "valid loss", ...names, "time"]);
}

function epochRow(event: EpochEvent): string {
  const losses = [event.trainLoss, event.validLoss].map((loss) => loss.toFixed(6));
  const numbers = [...losses, ...measures(event).map(([, value]) => decimals(value))];
  return tableRow(epochColumns(event), [`${event.epoch}`, ...numbers, clock(event.seconds)]);
}

/** Measures in words: "accuracy 98.3 %", "labels right 97.2 %, f1 0.931", "rmse 0.0345, r2 0.913". */
function inWords({ accuracy, metrics }: Measured, accuracyName: string): string {
  const others = Object.entries(metrics ?? {}).filter(([name]) => name !== "accuracy");
  const words = others.map(([name, value]) => `${printable(name)} ${Number(value.toPrecision(4))}`);
  return [...(Number.isNaN(accuracy) && metrics ? [] : [`${accuracyName} ${percent(accuracy)}`]), ...words].join(", ");
}

/** What `classes` name, and what is said after the names. */
const CLASS_WORDS: Readonly<Record<TargetKind, readonly [one: string, many: string, note: string]>> = {
  single: ["class", "classes", ""],
  multi: ["label", "labels", " (any number of them on a photograph)"],
  continuous: ["number", "numbers", ""],
};

function dataLines(event: Extract<RecipeEvent, { event: "data" }>, paint: Paint): string[] {
  const more = event.classes.length - CLASSES_NAMED;
  const names = event.classes
    .slice(0, more > 1 ? CLASSES_NAMED : undefined)
    .map(printable)
    .join(", ");
  const left = event.leftOut > 0 ? `, ${count(event.leftOut)} left out` : "";
  const [one, many, several] = CLASS_WORDS[event.kind ?? "single"];
  return [
    `${quantity(event.classes.length, one, many)}: ${names}${more > 1 ? ` and ${count(more)} more` : ""}${several}`,
    `${quantity(event.train, "photograph")} to train on, ${count(event.valid)} to validate on${paint.yellow(left)}`,
  ];
}

function stageResult(event: Extract<RecipeEvent, { event: "stageEnd" }>, paint: Paint): string {
  const outcome = event.kept ? paint.green(event.note) : paint.yellow(`not kept: ${event.note}`);
  return `${inWords(event, event.metrics ? "labels right" : "accuracy")} after ${clock(event.seconds)}, ${outcome}`;
}

function doneLines(event: Extract<RecipeEvent, { event: "done" }>, paint: Paint): string[] {
  const shown = measures(event).map(([name]) => name);
  const rows = event.stages.map((stage) => [
    `${stage.name}${placeInWords(stage)}`,
    ...measures(stage).map(([, value]) => decimals(value)),
    clock(stage.seconds),
    stage.kept ? "kept" : "not kept",
  ]);
  const columns = ["left", ...shown.map(() => "right" as const), "right", "left"] as const;
  const [head = "", ...body] = table(columns, [["stage", ...shown.map(printable), "time", "result"], ...rows]);
  return [
    "",
    paint.dim(head),
    ...body,
    "",
    ...resultLines(event, paint),
    ...(event.report === undefined
      ? []
      : [`How the run went, and where the network looked, is in ${paint.bold(printable(event.report))}.`]),
    `The ${event.metrics && Number.isNaN(event.accuracy) ? "model" : "classifier"} is in ${paint.bold(printable(event.model))}. Try it:`,
    "",
    `  thaw predict ${shellWord(event.model)} <photo>`,
  ];
}

function resultLines(event: Extract<RecipeEvent, { event: "done" }>, paint: Paint): string[] {
  const { accuracy, ttaAccuracy, metrics, ttaMetrics } = event;
  const augmented = event.stages.some(({ name }) => name === "tta");
  if (!metrics || !ttaMetrics) {
    const plain = `Accuracy on the validation photographs: ${paint.bold(percent(accuracy))}`;
    return [augmented ? `${plain}, with test-time augmentation ${paint.bold(percent(ttaAccuracy))}` : plain];
  }
  const views = { accuracy: ttaAccuracy, metrics: ttaMetrics };
  return [
    `On the validation photographs: ${paint.bold(inWords(event, "labels right"))}`,
    ...(augmented ? [`With test-time augmentation: ${paint.bold(inWords(views, "labels right"))}`] : []),
  ];
}
