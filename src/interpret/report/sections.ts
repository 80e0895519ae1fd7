// The sections of a report with numbers and charts. Each returns its HTML, or undefined if there is nothing to show.

import type { Chart } from "../../chart/chart.ts";
import { learningRateChart } from "../../chart/learning-rate.ts";
import { linesChart } from "../../chart/lines.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { learningCurves } from "../charts.ts";
import { Interpretation } from "../interpretation.ts";
import type { ReportContent } from "./content.ts";
import { Html, html } from "./html.ts";

/** The views of a report's predictions. */
export function viewsOf({ predictions, classes, threshold }: ReportContent): Interpretation {
  return new Interpretation(predictions, classes, threshold === undefined ? {} : { threshold });
}

/** A share as text: 98.3 %. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const figure = (chart: Chart): Html => html`<figure>${new Html(chart.svg("page"))}</figure>`;

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
  const rows = stages.map((stage, i) => {
    const gain = before(i) === undefined || !shares ? undefined : 100 * (stage.accuracy - (before(i) as number));
    return html`<tr><th scope="row">${i + 1}. ${stage.name}</th><td class="n">${show(measure(stage)[1])}</td>
<td class="n">${gain !== undefined && gainInPoints(gain)}</td>
<td class="n">${duration(stage.seconds)}</td><td>${stage.name === "tta" ? "does not change the model" : stage.kept ? "kept" : "not kept"}</td></tr>`;
  });
  return html`<h2>What each stage gained</h2><div class="scroll"><table>
<thead><tr><th scope="col">stage</th><th scope="col" class="n">${name}</th><th scope="col" class="n">gain</th><th scope="col" class="n">time</th><th scope="col">result</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** Learning curves and schedules. */
export function curvesSection({ history, schedules }: ReportContent): Html | undefined {
  if (history.every(({ epochs }) => epochs.length === 0)) return undefined;
  const line = (name: string, values: readonly number[]) => ({
    name,
    lines: [{ name, points: values.map((value, i) => [i + 1, value] as const) }],
  });
  const charts = schedules.map(({ stage, lrs, losses }) =>
    linesChart({
      title: `Stage ${stage}`,
      x: "batch",
      height: 180,
      panels: [line("learning rate", lrs), line("training loss (smoothed)", losses)],
    }),
  );
  return html`<h2>How training went</h2><div class="charts">${[learningCurves(history), ...charts].map(figure)}</div>`;
}

/** The finder's curves. */
export function finderSection({ finders }: ReportContent): Html | undefined {
  if (finders.length === 0) return undefined;
  return html`<h2>How the learning rates were found</h2>
<p class="quiet">Real steps on copies of the weights while the rate rises. thaw uses the valley; the other rules are marked for comparison.</p>
<div class="charts">${finders.map(({ stage, ...curve }) => html`<div><h3>${stage}</h3>${figure(learningRateChart(curve))}</div>`)}</div>`;
}

/** Precision, recall and F1 of each class or label, and the effect of thresholds. */
export function reportByClass(content: ReportContent): Html | undefined {
  const view = viewsOf(content);
  if (TARGET_KINDS[view.kind].names !== "classes") return undefined;
  const { classes, macro, weighted } = view.report();
  const row = (name: string, { precision, recall, f1, support }: typeof macro) =>
    html`<tr><th scope="row">${name}</th><td class="n">${precision.toFixed(3)}</td><td class="n">${recall.toFixed(3)}</td><td class="n">${f1.toFixed(3)}</td><td class="n">${support}</td><td><span class="bar" style="width:${Math.round(90 * f1)}px"></span></td></tr>`;
  return html`<h2>Class by class</h2><div class="scroll"><table>
<thead><tr><th scope="col">class</th><th scope="col" class="n">precision</th><th scope="col" class="n">recall</th><th scope="col" class="n">F1</th><th scope="col" class="n">images</th><th scope="col"><span aria-hidden="true">F1</span></th></tr></thead>
<tbody>${classes.map((scores) => row(scores.class, scores))}${row("macro average", macro)}${row("weighted average", weighted)}</tbody></table></div>
<div class="charts">${[...(TARGET_KINDS[view.kind].exclusive ? [view.plotCalibration()] : []), view.plotRoc(), view.plotPrecisionRecall(), view.plotThresholds()].map(figure)}</div>`;
}

/** The confusion matrix and the pairs that are confused most. */
export function confusionSection(content: ReportContent): Html | undefined {
  const view = viewsOf(content);
  if (!TARGET_KINDS[view.kind].exclusive) return undefined;
  const { classes } = content;
  const pairs = view.mostConfused().slice(0, 12);
  return html`<h2>Confusion matrix</h2>
<p class="quiet">True classes in rows, predicted ones in columns; a stronger colour is a larger share of the row.</p>
<div class="scroll">${figure(view.plotConfusion())}</div>
${
  pairs.length > 0 &&
  html`<div class="scroll"><table><caption>Most confused pairs</caption><thead><tr><th scope="col">is</th><th scope="col">predicted as</th><th scope="col" class="n">times</th></tr></thead>
<tbody>${pairs.map(({ target, predicted, count }) => html`<tr><td>${classes[target]}</td><td>${classes[predicted]}</td><td class="n">${count}</td></tr>`)}</tbody></table></div>`
}`;
}

/** The settings and the command that repeat the run. */
export function settingsSection({ settings, command, model }: ReportContent): Html {
  return html`<h2>Repeat this run</h2><pre>${command}</pre>
<p class="quiet">${model.architecture} at ${model.size} pixels. All settings, as in the recipe file:</p>
<details><summary>Settings</summary><pre>${JSON.stringify(settings, undefined, 2)}</pre></details>`;
}
