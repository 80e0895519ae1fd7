// What `thaw train` prints for each event: lines of text, or one line of JSON. Pure functions, so tests need no training.

import stringWidth from "fast-string-width";
import { shownPath } from "../../core/shown-path.node.ts";
import type { TargetKind } from "../../data/dataset/targets.ts";
import { verdictInWords } from "../../interpret/label-verdict.ts";
import { trustInWords } from "../../interpret/trust.ts";
import { defaultNetworkInWords } from "../../nn/default-network/default-network.ts";
import type { DoneEvent, RecipeEvent, SavedEvent, StageSummary } from "../../recipe/events.ts";
import type { Recipe } from "../../recipe/file/schema.ts";
import { shownChoices } from "../../recipe/plan/shown-choices.ts";
import { placeInWords } from "../../recipe/record/stage-history.ts";
import { nextCommand } from "../shared/next-command.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { type Column, fitColumns, table, tableRow } from "../shared/table.ts";
import { clock, count, type Paint, percent, quantity } from "../shared/terminal.ts";
import type { LossCurve } from "./loss-curve.ts";
import { sparkline } from "./sparkline.ts";

const CLASSES_NAMED = 6;
/** Characters of the training loss's curve beside an epoch's row, at most and at least. */
const [LONGEST_CURVE, SHORTEST_CURVE] = [16, 6];
/** Measures with a column of their own in tables. */
const METRICS_SHOWN = 3;

/** The line of JSON for `event`, without accuracies that do not exist; none for progress. */
export function trainJson(event: RecipeEvent): string[] {
  const known = (key: string, value: unknown) => (/accuracy$/i.test(key) && Number.isNaN(value) ? undefined : value);
  return event.event === "progress" ? [] : [jsonLine(event, known)];
}

/**
 * The lines of text for `event`; none for progress and warnings, which belong on standard error. `previous` is the last event that printed:
 * rows of epochs share one table head. The training losses of an epoch, `curve`, are drawn beside its row.
 */
export function trainLines(event: RecipeEvent, previous: RecipeEvent | undefined, paint: Paint, curve?: LossCurve): string[] {
  switch (event.event) {
    case "progress":
    case "warning":
      return [];
    case "data":
      return dataLines(event, paint);
    case "network":
      return [networkLine(event, paint)];
    case "recipe":
      return recipeLines(event.recipe, paint);
    case "resumed":
      return [`Resuming the run in ${printable(shownPath(event.folder))}`];
    case "stage":
      return ["", `${paint.bold(paint.cyan(event.name))}${placeInWords(event)}: ${event.purpose}`];
    case "shortened":
      return [shortenedLine(event, paint)];
    case "precision":
      return [precisionLine(event)];
    case "device":
      return [deviceLine(event)];
    case "probe":
      return [
        `first answer: ${paint.bold(percent(event.accuracy))} in ${event.seconds.toFixed(1)} s (linear classifier of the pretrained features)`,
      ];
    case "lr":
      return [`learning rate ${event.suggestion.toExponential(1)} (${event.reason})`];
    case "epoch": {
      const { head, row } = epochLines(event, paint, curve);
      return previous?.event === "epoch" ? [row] : [paint.dim(head), row];
    }
    case "stageEnd":
      return [stageResult(event, paint)];
    case "problems":
      return event.likelyWrong === 0 ? [] : ["", ...verdictInWords(event)];
    case "trust":
      return ["", ...trustInWords(event)];
    case "stopped":
      return [];
    case "saved":
      return savedLines(event, paint);
    case "done":
      return doneLines(event, paint);
  }
}

/** The lines for `event` with --quiet. */
export function quietLines(event: RecipeEvent): string[] {
  return event.event === "saved" ? [`${inWords(event, "accuracy")} ${printable(shownPath(event.model))}`] : [];
}

/** The lines for a run that was stopped: where it is, and the command that resumes it. */
export function stoppedLines({ folder, best }: Extract<RecipeEvent, { event: "stopped" }>, command: string): string[] {
  return [
    `Stopped. The run is saved in ${printable(shownPath(folder))}.`,
    ...(best ? [`Its best model so far (accuracy ${percent(best.accuracy)}) is in ${printable(shownPath(best.model))}.`] : []),
    "Resume it:",
    "",
    `  ${command}`,
  ];
}

/** Which network was taken, and why. */
function networkLine({ event: _, ...chosen }: Extract<RecipeEvent, { event: "network" }>, paint: Paint): string {
  const line = `network ${defaultNetworkInWords(chosen)}`;
  return chosen.missed ? paint.yellow(line) : line;
}

/** The choices of a run with their reasons. */
function recipeLines(recipe: Recipe, paint: Paint): string[] {
  const rows = shownChoices(recipe).map(({ title, value, reason }) => [
    title,
    printable(value),
    reason ? paint.dim(`(${printable(reason)})`) : "",
  ]);
  return ["", ...table(["left", "left", "left"], rows, paint)];
}

function shortenedLine({ stage, epochs, planned }: Extract<RecipeEvent, { event: "shortened" }>, paint: Paint): string {
  const what = stage === "tta" ? "view" : "epoch";
  return paint.yellow(
    epochs === 0 ? "no time is left for this stage" : `${quantity(epochs, what)} instead of ${planned}, to keep the time limit`,
  );
}

/** What "auto" took, and by how much it was faster, or why there was no choice. */
function deviceLine({ device, measured, failed }: Extract<RecipeEvent, { event: "device" }>): string {
  const times = measured.map((each) => `${each.device} ${each.milliseconds.toFixed(1)} ms per photograph`);
  return `device ${device}: ${[...times, ...(failed === undefined ? [] : [`webgpu: ${printable(failed)}`])].join(", ")}`;
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

/** A measure's number as tables show it: with so many decimals, large ones with one digit more. */
function decimals(value: number, digits: number): string {
  return Math.abs(value) < 1000 ? value.toFixed(digits) : `${Number(value.toPrecision(digits + 1))}`;
}

/** A form of the table of epochs: what its columns of losses are called, and how losses and measures are written. */
interface EpochForm {
  readonly names: readonly [string, string];
  readonly digits: number;
  readonly metrics: number;
}

/** The forms from the widest to the narrowest. */
const EPOCH_FORMS: readonly EpochForm[] = [
  { names: ["train loss", "valid loss"], digits: 6, metrics: METRICS_SHOWN },
  { names: ["train", "valid"], digits: 4, metrics: METRICS_SHOWN },
  { names: ["train", "valid"], digits: 4, metrics: 2 },
  { names: ["train", "valid"], digits: 4, metrics: 1 },
];

/** The head and the row of an epoch in the widest form that fits, with its curve if there is room. */
function epochLines(event: EpochEvent, paint: Paint, curve: LossCurve | undefined): { head: string; row: string } {
  const forms = EPOCH_FORMS.map((form) => epochTable(event, form));
  const { columns, head, cells } = forms.find((form) => fitColumns(form.columns, paint.width)) ?? (forms.at(-1) as EpochTable);
  const [headLine, row] = [head, cells].map((each) => tableRow(columns, each).join("")) as [string, string];
  const before = "  before";
  if (event.resumed) return { head: headLine, row: row.length + before.length < paint.width ? row + before : row };
  const room = Math.min(LONGEST_CURVE, paint.width - row.length - 2);
  const line = curve && room >= SHORTEST_CURVE ? sparkline(curve.losses, room, curve.top) : "";
  return { head: headLine, row: line === "" ? row : `${row}  ${paint.cyan(line)}` };
}

interface EpochTable {
  readonly columns: readonly Column[];
  readonly head: readonly string[];
  readonly cells: readonly string[];
}

function epochTable(event: EpochEvent, { names, digits, metrics }: EpochForm): EpochTable {
  const shown = measures(event).slice(0, metrics);
  const losses = [event.trainLoss, event.validLoss];
  return {
    columns: [
      { align: "right", width: 5 },
      ...names.map((name): Column => ({ align: "right", width: Math.max(digits + 2, name.length) })),
      ...shown.map(([name]): Column => ({ align: "right", width: Math.max(digits + 2, stringWidth(printable(name))) })),
      { align: "right", width: digits > 4 ? 7 : 5 },
    ],
    head: ["epoch", ...names, ...shown.map(([name]) => printable(name)), "time"],
    cells: [
      `${event.epoch}`,
      ...losses.map((loss) => loss.toFixed(digits)),
      ...shown.map(([, value]) => decimals(value, digits)),
      clock(event.seconds),
    ],
  };
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

/** What the run has come to, as soon as the model is there. */
function savedLines(event: SavedEvent, paint: Paint): string[] {
  const shown = measures(event).map(([name]) => name);
  const rows = event.stages.map((stage) => [
    `${stage.name}${placeInWords(stage)}`,
    ...measures(stage).map(([, value]) => decimals(value, 6)),
    clock(stage.seconds),
    resultOf(stage),
  ]);
  const columns = ["left", ...shown.map(() => "right" as const), "right", "left"] as const;
  return [
    "",
    ...table(columns, rows, paint, { head: ["stage", ...shown.map(printable), "time", "result"] }),
    "",
    ...resultLines(event, paint),
    `The ${event.metrics && Number.isNaN(event.accuracy) ? "model" : "classifier"} is in ${paint.bold(printable(shownPath(event.model)))}.`,
  ];
}

function doneLines(event: DoneEvent, paint: Paint): string[] {
  return [
    "",
    ...(event.report === undefined
      ? []
      : [`How the run went, and where the network looked, is in ${paint.bold(printable(shownPath(event.report)))}.`]),
    "Try it:",
    "",
    `  ${nextCommand("predict", shownPath(event.model))} <photo>`,
  ];
}

/** What became of a stage; test-time augmentation only measures. */
function resultOf({ name, kept, resumed }: StageSummary): string {
  const result = name === "tta" ? "measured, not in the model" : kept ? "kept" : "not kept";
  return resumed ? `${result}, before` : result;
}

function resultLines(event: SavedEvent, paint: Paint): string[] {
  const { accuracy, ttaAccuracy, metrics, ttaMetrics } = event;
  const augmented = event.stages.some(({ name }) => name === "tta");
  if (!metrics) {
    const plain = `Accuracy on the validation photographs: ${paint.bold(percent(accuracy))}`;
    return [augmented && ttaAccuracy !== undefined ? `${plain}, with test-time augmentation ${paint.bold(percent(ttaAccuracy))}` : plain];
  }
  const views = ttaMetrics && { accuracy: ttaAccuracy ?? Number.NaN, metrics: ttaMetrics };
  return [
    `On the validation photographs: ${paint.bold(inWords(event, "labels right"))}`,
    ...(augmented && views ? [`With test-time augmentation: ${paint.bold(inWords(views, "labels right"))}`] : []),
  ];
}
