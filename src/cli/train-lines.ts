// What `thaw train` prints for each event: lines for a person, or one line of JSON for a program. Pure functions, so tests need no training.

import type { RecipeEvent } from "../recipe/events.ts";
import { type Column, clock, count, type Paint, percent, printable, quantity, shellWord, table, tableRow } from "./terminal.ts";

const EPOCH_COLUMNS: readonly Column[] = [
  { align: "right", width: 5 },
  { align: "right", width: 10 },
  { align: "right", width: 10 },
  { align: "right", width: 8 },
  { align: "right", width: 7 },
];
const CLASSES_NAMED = 6;

/** The line of JSON for `event`; none for progress, which only a person wants. */
export function trainJson(event: RecipeEvent): string[] {
  return event.event === "progress" ? [] : [JSON.stringify(event)];
}

/**
 * The lines that tell a person about `event`; none for progress and warnings, which belong on standard error.
 * `previous` is the last event that printed: rows of epochs share one table head.
 */
export function trainLines(event: RecipeEvent, previous: RecipeEvent | undefined, paint: Paint): string[] {
  switch (event.event) {
    case "progress":
    case "warning":
      return [];
    case "data":
      return dataLines(event, paint);
    case "stage":
      return ["", `${paint.bold(paint.cyan(event.name))}: ${event.purpose}`];
    case "lr":
      return [`learning rate ${event.suggestion.toExponential(1)} (${event.reason})`];
    case "epoch": {
      const row = epochRow(event);
      return previous?.event === "epoch" ? [row] : [paint.dim(EPOCH_HEAD), row];
    }
    case "stageEnd":
      return [stageResult(event, paint)];
    case "done":
      return doneLines(event, paint);
  }
}

/** The lines of a warning and its hint, for standard error. */
export function warningLines(warning: { readonly message: string; readonly hint?: string | undefined }, paint: Paint): string[] {
  const lines = [`${paint.yellow("warning:")} ${warning.message}`];
  return warning.hint ? [...lines, `${paint.dim("hint:")} ${warning.hint}`] : lines;
}

/** What a person is told who stopped a run: what is kept in the folder `cache`, and how to go on. */
export function stoppedLines(cache: string): string[] {
  return [`Stopped. Activations computed so far are kept in ${printable(cache)}; run the same command again to go on.`];
}

const EPOCH_HEAD = tableRow(EPOCH_COLUMNS, ["epoch", "train loss", "valid loss", "accuracy", "time"]);

function epochRow(event: Extract<RecipeEvent, { event: "epoch" }>): string {
  const numbers = [event.trainLoss, event.validLoss, event.accuracy].map((value) => value.toFixed(6));
  return tableRow(EPOCH_COLUMNS, [`${event.epoch}`, ...numbers, clock(event.seconds)]);
}

function dataLines(event: Extract<RecipeEvent, { event: "data" }>, paint: Paint): string[] {
  const more = event.classes.length - CLASSES_NAMED;
  const names = event.classes
    .slice(0, more > 1 ? CLASSES_NAMED : undefined)
    .map(printable)
    .join(", ");
  const left = event.leftOut > 0 ? `, ${count(event.leftOut)} left out` : "";
  return [
    `${quantity(event.classes.length, "class", "classes")}: ${names}${more > 1 ? ` and ${count(more)} more` : ""}`,
    `${quantity(event.train, "photograph")} to train on, ${count(event.valid)} to validate on${paint.yellow(left)}`,
  ];
}

function stageResult(event: Extract<RecipeEvent, { event: "stageEnd" }>, paint: Paint): string {
  const outcome = event.kept ? paint.green(event.note) : paint.yellow(`not kept: ${event.note}`);
  return `accuracy ${percent(event.accuracy)} after ${clock(event.seconds)}, ${outcome}`;
}

function doneLines(event: Extract<RecipeEvent, { event: "done" }>, paint: Paint): string[] {
  const rows = event.stages.map((stage) => [stage.name, stage.accuracy.toFixed(6), clock(stage.seconds), stage.kept ? "kept" : "not kept"]);
  const [head = "", ...body] = table(["left", "right", "right", "left"], [["stage", "accuracy", "time", "result"], ...rows]);
  return [
    "",
    paint.dim(head),
    ...body,
    "",
    `Accuracy on the validation photographs: ${paint.bold(percent(event.accuracy))}, ` +
      `with test-time augmentation ${paint.bold(percent(event.ttaAccuracy))}`,
    `The classifier is in ${paint.bold(printable(event.model))}. Try it:`,
    "",
    `  thaw predict ${shellWord(event.model)} <photo>`,
  ];
}
