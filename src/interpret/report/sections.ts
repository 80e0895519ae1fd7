// The sections of a report with numbers and charts. Each returns its HTML, or undefined if there is nothing to show.

import type { Chart } from "../../chart/chart.ts";
import { learningRateChart } from "../../chart/learning-rate.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { learningCurves } from "../charts.ts";
import { Interpretation } from "../interpretation.ts";
import type { Confused } from "../picks.ts";
import { scheduleChart } from "../schedule-chart.ts";
import { trustInWords } from "../trust.ts";
import type { ReportContent } from "./content.ts";
import { Html, html } from "./html.ts";
import { reportTable } from "./table.ts";
import { CHART_TERMS, CLASS_TERMS, glossary, STAGE_TERMS } from "./terms.ts";

/** The views of a report's predictions. */
export function viewsOf({ predictions, classes, threshold }: ReportContent): Interpretation {
  return new Interpretation(predictions, classes, threshold === undefined ? {} : { threshold });
}

/** A share as text: 98.3 %. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The width in pixels that charts are drawn for: that of a phone, where their text would shrink otherwise. Wider columns enlarge them a little. */
const CHART_WIDTH = 335;

function figure(chart: Chart, caption?: string): Html {
  return html`<figure>${new Html(chart.svg("page", CHART_WIDTH))}${caption !== undefined && html`<figcaption>${caption}</figcaption>`}</figure>`;
}

/** A table with more rows than this has the charts beside it. */
const LONG_TABLE = 12;
/** A matrix of more classes than this is drawn at its full size, and scrolls on a phone. */
const SMALL_MATRIX = 20;

/** A table, and what explains it: next to each other if there is room. */
const beside = (...parts: readonly (Html | undefined)[]): Html =>
  html`<div class="beside">${parts.map((part) => part && html`<div>${part}</div>`)}</div>`;

/** The numbers that matter most. */
export function summaryCards({ predictions, ttaAccuracy, model, stages }: ReportContent): Html {
  const { accuracy, metrics = {} } = predictions;
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const worth = Number.isFinite(accuracy)
    ? [[percentText(accuracy), "validation accuracy"]]
    : Object.entries(metrics)
        .slice(0, 2)
        .map(([name, value]) => [value.toPrecision(4), `validation ${name}`]);
  const cards = [
    ...worth,
    ...(ttaAccuracy !== undefined && Number.isFinite(ttaAccuracy) ? [[percentText(ttaAccuracy), "with test-time augmentation"]] : []),
    [duration(seconds), "to train"],
    [`${(model.bytes / 1e6).toFixed(1)} MB`, `saved, ${(model.parameters / 1e6).toFixed(1)} million parameters`],
    [`${model.imagesPerSecond.toFixed(model.imagesPerSecond < 10 ? 1 : 0)}/s`, `photographs at ${model.size} pixels, where it was trained`],
  ];
  return html`<ul class="cards">${cards.map(([number, what]) => html`<li><b>${number}</b><span>${what}</span></li>`)}</ul>`;
}

function duration(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}

/** A gain in percentage points, which has a colour only if it is one in the decimals shown. */
function gainInPoints(gain: number): Html {
  const text = gain.toFixed(1).replace(/^-(?=0\.0$)/, "");
  if (text === "0.0") return html`0.0 points`;
  return html`<span class="${gain < 0 ? "bad" : "good"}">${gain > 0 && "+"}${text} points</span>`;
}

/** The stages and their gains. */
export function stagesSection({ stages }: ReportContent): Html {
  const measure = (stage: ReportContent["stages"][number]): readonly [string, number] =>
    Number.isFinite(stage.accuracy) ? ["accuracy", stage.accuracy] : (Object.entries(stage.metrics ?? {})[0] ?? ["accuracy", Number.NaN]);
  const name = stages[0] ? measure(stages[0])[0] : "accuracy";
  const shares = name === "accuracy";
  const show = (value: number): string => (shares ? percentText(value) : value.toPrecision(4));
  const before = (i: number): number | undefined => stages.slice(0, i).findLast((stage) => stage.kept)?.accuracy;
  const rows = stages.map((stage, i) => [
    `${i + 1}. ${stage.name}`,
    show(measure(stage)[1]),
    before(i) === undefined || !shares ? "" : gainInPoints(100 * (stage.accuracy - (before(i) as number))),
    duration(stage.seconds),
    `${stage.name === "tta" ? "does not change the model" : stage.kept ? "kept" : "not kept"}${stage.resumed ? ", resumed" : ""}`,
  ]);
  const columns = [
    { name: "stage" },
    { name, numeric: true },
    { name: "gain", numeric: true },
    { name: "time", numeric: true },
    { name: "result" },
  ];
  const named = (Object.keys(STAGE_TERMS) as (keyof typeof STAGE_TERMS)[]).filter((term) => stages.some((stage) => stage.name === term));
  return html`<h2>What each stage gained</h2>
<p class="quiet">Training goes in stages. Each starts from the best weights so far, and its gain is in percentage points of ${name}, on photographs that were not trained on.</p>
${stages.some(({ resumed }) => resumed) && html`<p class="quiet">The run was stopped and resumed: the time of a resumed stage is that of all its epochs.</p>`}
${beside(reportTable(columns, rows), glossary(STAGE_TERMS, named))}`;
}

/** Learning curves and schedules. */
export function curvesSection({ history, schedules }: ReportContent): Html | undefined {
  if (history.every(({ epochs }) => epochs.length === 0)) return undefined;
  const charts = schedules.map(scheduleChart);
  return html`<h2>How training went</h2><div class="charts">${figure(learningCurves(history), CHART_TERMS.curves)}${charts.map((chart) => figure(chart, CHART_TERMS.schedule))}</div>`;
}

/** The finder's curves. */
export function finderSection({ finders }: ReportContent): Html | undefined {
  if (finders.length === 0) return undefined;
  return html`<h2>How the learning rates were found</h2>
<p class="quiet">${CHART_TERMS.finder} The steps are real ones, on copies of the weights. The other rules are marked for comparison.</p>
<div class="charts">${finders.map(({ stage, ...curve }) => html`<div><h3>${stage}</h3>${figure(learningRateChart(curve))}</div>`)}</div>`;
}

/** Precision, recall and F1 of each class or label, and the effect of thresholds. */
export function reportByClass(content: ReportContent): Html | undefined {
  const view = viewsOf(content);
  if (TARGET_KINDS[view.kind].names !== "classes") return undefined;
  const { classes, macro, weighted } = view.report();
  const row = (name: string, { precision, recall, f1, support }: typeof macro) => [
    name,
    ...[precision, recall, f1].map((share) => share.toFixed(3)),
    support,
    html`<span class="bar" style="width:${Math.round(90 * f1)}px"></span>`,
  ];
  const numbers = ["precision", "recall", "F1", "images"].map((name) => ({ name, numeric: true }));
  const rows = [...classes.map((scores) => row(scores.class, scores)), row("macro average", macro), row("weighted average", weighted)];
  const { exclusive } = TARGET_KINDS[view.kind];
  const table = reportTable([{ name: "class" }, ...numbers, { name: "F1 as a bar", drawing: true }], rows);
  const charts = html`<div class="charts">${exclusive && figure(view.plotCalibration(), CHART_TERMS.calibration)}${figure(view.plotRoc(), CHART_TERMS.roc)}${figure(view.plotPrecisionRecall(), CHART_TERMS.precisionRecall)}${figure(view.plotThresholds(), exclusive ? CHART_TERMS.thresholds : CHART_TERMS.labelThresholds)}</div>`;
  const words = glossary(CLASS_TERMS);
  const trust = content.trust && html`<p>${trustInWords(content.trust).join(" ")}</p>`;
  return html`<h2>Class by class</h2>
${trust}
${classes.length > LONG_TABLE ? beside(table, html`${words}${charts}`) : html`${beside(table, words)}${charts}`}`;
}

/** The confusion matrix and the pairs that are confused most. */
export function confusionSection(content: ReportContent): Html | undefined {
  const view = viewsOf(content);
  if (!TARGET_KINDS[view.kind].exclusive) return undefined;
  const { classes } = content;
  const pairs = view.mostConfused().slice(0, 12);
  const matrix = view.plotConfusion().svg("page", classes.length > SMALL_MATRIX ? undefined : CHART_WIDTH);
  return html`<h2>Confusion matrix</h2>
<p class="quiet">How often photographs of each class (rows) were predicted as each class (columns): right answers are on the diagonal. A stronger colour is a larger share of the row.</p>
${beside(html`<div class="scroll matrix"><figure>${new Html(matrix)}</figure></div>`, pairs.length > 0 ? confusedTable(pairs, classes) : undefined)}`;
}

function confusedTable(pairs: readonly Confused[], classes: readonly string[]): Html {
  const columns = [{ name: "is" }, { name: "predicted as" }, { name: "times", numeric: true }];
  const rows = pairs.map(({ target, predicted, count }) => [classes[target] as string, classes[predicted] as string, count]);
  return reportTable(columns, rows, "Most confused pairs");
}

/** The settings and the command that repeat the run. */
export function settingsSection({ settings, command, model }: ReportContent): Html {
  return html`<h2>Repeat this run</h2><pre>${command}</pre>
<p class="quiet">${model.architecture} at ${model.size} pixels. All settings, as in the recipe file:</p>
<details><summary>Settings</summary><pre>${JSON.stringify(settings, undefined, 2)}</pre></details>`;
}
