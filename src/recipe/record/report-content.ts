// What the report of a run shows, from the run's record.

import type { ModelDescription } from "../../classifier/format.ts";
import type { DataProblems } from "../../interpret/data-problems.ts";
import type { ReportContent } from "../../interpret/report/content.ts";
import type { Predictions } from "../../learner/predict/predictions.ts";
import { doneOf, type RecordedPredictions, type RunRecord } from "./record.ts";
import { historyOf } from "./stage-history.ts";

/** What of the content a record does not know. */
export type Surroundings = Pick<ReportContent, "title" | "command" | "model">;

export function reportContent(
  record: RunRecord,
  { classes, target }: ModelDescription,
  { title, model, command }: Surroundings,
): ReportContent {
  const done = doneOf(record);
  const data = record.events.find((event) => event.event === "data");
  const stages = historyOf(record.events);
  const trained = stages.filter(({ summary }) => summary.name !== "tta");
  // One record for each stage that trained.
  const records = record.stages.map((stage, i) => ({ ...stage, stage: trained[i]?.title ?? stage.name }));
  const predictions = predictionsOf(record.predictions, classes.length, target?.kind, done?.accuracy ?? Number.NaN, done?.metrics);
  return {
    title,
    model,
    classes,
    train: data?.train ?? 0,
    valid: data?.valid ?? 0,
    stages: stages.map(({ title, summary: { accuracy, metrics, seconds, kept }, epochs }) => {
      const resumed = epochs.some((epoch) => epoch.resumed);
      return { name: title, accuracy, metrics, seconds, kept, ...(resumed && { resumed }) };
    }),
    history: trained.map(({ title, epochs }) => ({ name: title, epochs })),
    finders: records.flatMap(({ stage, finder }) => (finder ? [{ stage, ...finder }] : [])),
    schedules: records.flatMap(({ stage, sched }) =>
      sched ? [{ stage, lrs: sched.lrs, momentums: sched.momentums, losses: sched.losses }] : [],
    ),
    predictions,
    threshold: target?.kind === "multi" ? target.threshold : undefined,
    ttaAccuracy: record.predictions.tta ? done?.ttaAccuracy : undefined,
    trust: trustIn(record.events),
    problems: record.problems && verdictOf(record.problems),
    settings: record.recipe,
    command,
  };
}

/** What the run said about its calibration. */
function trustIn(events: RunRecord["events"]): ReportContent["trust"] {
  const found = events.find((event) => event.event === "trust");
  if (!found) return undefined;
  const { event: _, ...trust } = found;
  return trust;
}

/** Records of earlier versions have no verdict on the labels. */
function verdictOf(problems: DataProblems): DataProblems {
  return {
    ...problems,
    likelyWrong: problems.likelyWrong ?? problems.labels.filter(({ likely }) => likely).length,
    agreement: problems.agreement ?? Number.NaN,
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
