// How runs compare: what was chosen otherwise, how accurate they are, and which photographs they see differently.

import { argmaxRows } from "../../metrics/losses.ts";
import { CHOICES, type ChoiceTable } from "../../recipe/choices/choice-table.ts";
import { epochsOf } from "../../recipe/choices/epochs.ts";
import type { Recipe } from "../../recipe/file/schema.ts";
import { doneOf } from "../../recipe/record/record.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import type { RunComparison, RunId } from "../protocol/training.ts";
import type { ComparedRun } from "./compared-run.ts";

/** Compares runs that are done. */
export function compareRuns(runs: readonly ComparedRun[], idOf: (name: string) => PhotoId | undefined): RunComparison {
  const settings = runs.map(({ record }) => settingsOf(record.recipe));
  const names = [...new Set(settings.flatMap((each) => [...each.keys()]))];
  const rows = names.map((name) => ({ name, values: settings.map((each) => each.get(name) ?? "–") }));
  return {
    runs: runs.map(({ id }) => id),
    settings: [...rows.filter(({ values }) => new Set(values).size > 1), ...labelsRow(runs)],
    groups: groupsOf(runs, settings),
    changed: changedPhotographs(runs, idOf),
  };
}

const SEED = CHOICES.seed.documentation.title;

/** Everything that a recipe fixes, in words. */
function settingsOf(recipe: Recipe): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [key, { documentation }] of Object.entries(CHOICES as ChoiceTable)) {
    const value = (recipe as unknown as Readonly<Record<string, unknown>>)[key];
    if (value !== undefined && key !== "weights") settings.set(documentation.title, textOf(value));
  }
  const { stages, weights, data } = recipe;
  settings.set("network", [...new Set(stages.map(({ network }) => weights[network] ?? network))].join(", "));
  settings.set("size", [...new Set(stages.map(({ size }) => size))].join(", "));
  settings.set("stages", stages.map(({ name }) => name).join(", "));
  settings.set("epochs", stages.map((stage) => epochsOf(stage)).join(" + "));
  // Rates that were found differ from seed to seed, and nobody chose them.
  settings.set("learning rates", recipe.why.lr === undefined ? "found" : stages.map(({ lr }) => lr).join(", "));
  settings.set("photographs", `${data.train} + ${data.valid}`);
  return settings;
}

/** The row of the labels, if the runs did not learn from the same: how many each had, and how they differ from the first run's. */
function labelsRow(runs: readonly ComparedRun[]): RunComparison["settings"] {
  const [first, ...others] = runs;
  if (!first || others.every(({ record }) => fingerprintOf(record) === fingerprintOf(first.record))) return [];
  const values = runs.map(({ labels, record }) => {
    if (!labels) return "–";
    const total = labels.size.toLocaleString("en-US");
    if (!first.labels || fingerprintOf(record) === fingerprintOf(first.record)) return total;
    return `${total}: ${labelChanges(first.labels, labels)}`;
  });
  return [{ name: "labels", values }];
}

function labelChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const common = [...after].filter(([name]) => before.has(name));
  const changes = Object.entries({
    new: after.size - common.length,
    changed: common.filter(([name, label]) => before.get(name) !== label).length,
    gone: before.size - common.length,
  }).filter(([, count]) => count > 0);
  // The fingerprint also covers what is in the files, and which of them are validated on.
  if (changes.length === 0) return "the same; other files or another validation part";
  return changes.map(([what, count]) => `${count.toLocaleString("en-US")} ${what}`).join(", ");
}

function fingerprintOf({ recipe }: ComparedRun["record"]): string {
  return recipe.data.fingerprint;
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : `${value}`;
}

/** Accuracies of runs that learnt from the same labels and differ in their seeds alone. */
function groupsOf(runs: readonly ComparedRun[], settings: readonly ReadonlyMap<string, string>[]): RunComparison["groups"] {
  const groups = new Map<string, { runs: RunId[]; accuracies: number[] }>();
  for (const [i, { id, record }] of runs.entries()) {
    const chosen = [...(settings[i] as ReadonlyMap<string, string>)].filter(([name]) => name !== SEED);
    const key = JSON.stringify([chosen, fingerprintOf(record)]);
    const group = groups.get(key) ?? { runs: [], accuracies: [] };
    group.runs.push(id);
    group.accuracies.push(doneOf(record)?.accuracy ?? Number.NaN);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ runs: ids, accuracies }) => {
    const mean = accuracies.reduce((a, b) => a + b, 0) / accuracies.length;
    const squares = accuracies.reduce((sum, each) => sum + (each - mean) ** 2, 0);
    return { runs: ids, mean, deviation: ids.length > 1 ? Math.sqrt(squares / (ids.length - 1)) : undefined };
  });
}

/** Photographs that all runs validated on and not all predicted alike. */
function changedPhotographs(runs: readonly ComparedRun[], idOf: (name: string) => PhotoId | undefined): RunComparison["changed"] {
  const [first, ...others] = runs.map(predictionsOf);
  if (!first || others.length === 0) return [];
  return [...first].flatMap(([file, { label, predicted }]) => {
    const id = idOf(file);
    const all = [predicted, ...others.map((other) => other.get(file)?.predicted)];
    if (id === undefined || all.includes(undefined) || new Set(all).size === 1) return [];
    return [{ id, label, predicted: all as string[] }];
  });
}

function predictionsOf({
  classes,
  record,
}: ComparedRun): ReadonlyMap<string, { readonly label: string | undefined; readonly predicted: string }> {
  const { files, targets, outputs } = record.predictions;
  const predicted = argmaxRows(Float32Array.from(outputs), classes.length);
  return new Map(
    files.map((file, i) => [file, { label: classes[targets[i] as number], predicted: classes[predicted[i] as number] as string }]),
  );
}
