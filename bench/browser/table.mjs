// The measurements as a page.

import { writeFileSync } from "node:fs";

const GOALS = { features: 0.4, head: 0.33, all: 0.33 };

/** Writes `all`, measurements by kind of processor, to `file`. */
export function writeTable(file, all) {
  writeFileSync(
    file,
    `${["# A browser beside Node and TensorFlow.js", INTRODUCTION, ...Object.entries(all).map(sectionOf)].join("\n\n")}\n`,
  );
}

const INTRODUCTION = `Command: \`node bench/browser/run.mjs\`. Photographs per second, medians of rounds of a second in which the sides take turns, on
pictures and weights that are random. *features* are what precompute caches, from pixels, in Chromium by several instances of WebAssembly (of
batch 16, by one with threads, as thaw did before);
*not isolated* is Chromium on a page without the headers that let WebAssembly have threads; *head* is a training step of fastai's head on them;
*all* one of all layers, from pixels. Goals of WebAssembly beside Node: ${GOALS.features} for features, ${GOALS.all} for steps; its kernels are 128
bits wide. TensorFlow.js has its own MobileNetV2 with folded batch norm, and a head of the same layers without batch norm and dropout.
There was no graphics processor to measure; what a training step moves to one and back is
[counted](../../docs/browser.md#on-a-graphics-processor).`;

function sectionOf([kind, { machine, chromium, node, threads, rows }]) {
  const speeds = Object.entries(rows).filter(([, row]) => row.node !== undefined);
  const lines = speeds.map(([name, { node, page, plain, tfjs }]) =>
    row([
      name,
      whole(node),
      whole(page),
      ratio(page / node),
      plain === undefined ? "" : whole(plain),
      tfjs === undefined ? "" : whole(tfjs),
      tfjs === undefined ? "" : ratio(page / tfjs),
    ]),
  );
  const table = [
    row(["", "Node", "Chromium", "of Node's", "not isolated", "TensorFlow.js", "of its"]),
    row(["---", ...Array(6).fill("---:")]),
    ...lines,
  ];
  const sentences = Object.entries(rows).flatMap(([name, each]) => {
    if (each.head !== undefined)
      return `From the click to the first answer ${each.answer?.toFixed(1)} s, to the trained head ${each.head.toFixed(1)} s, until the model is stored ${each.end.toFixed(1)} s (the sample set, an accuracy of ${(100 * each.accuracy).toFixed(1)} %).`;
    if (each.most === undefined) return [];
    return `Memory of the page's processes (${name}, all layers, ${each.epochs} epochs): ${whole(each.second)} MB in the second sixth of the time, ${whole(each.middle)} in the fourth, ${whole(each.last)} in the last, ${whole(each.most)} at most.`;
  });
  return [
    `## ${kind}`,
    `${machine}; ${threads} threads; Chromium ${chromium}, Node ${node}.`,
    ...(lines.length > 0 ? [table.join("\n")] : []),
    ...sentences,
  ].join("\n\n");
}

const row = (cells) => `| ${cells.join(" | ")} |`;
const whole = (number) => (number < 10 ? number.toFixed(1) : number.toFixed(0));
const ratio = (number) => number.toFixed(2);
