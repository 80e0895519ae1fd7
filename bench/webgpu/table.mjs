// From the measurements to the table that people read.

import { GOAL, rows, settings } from "./rows.mjs";

/** The contents of bench/results/webgpu.md: a section for each graphics processor. */
export function tablesOf(kinds) {
  const lines = [
    "# WebGPU beside PyTorch",
    "",
    "thaw through Node's WebGPU and PyTorch through CUDA, on the same graphics processor. [bench/README.md](../README.md) says what a round is and",
    `what is unfair. Ratio: PyTorch's median time over thaw's; above 1, thaw is faster. The goal is ${GOAL}, beside PyTorch's fastest float32 setting.`,
  ];
  return [lines.join("\n"), ...Object.entries(kinds).map(sectionOf)].join("\n\n");
}

/** The table of one graphics processor. */
export function sectionOf([name, { machine, driver, trial, versions, rows: measured }]) {
  const lines = [
    `## ${name}`,
    "",
    `Graphics processor: ${name}, driver ${driver}. Machine: ${machine}.`,
    `Versions: ${Object.entries(versions)
      .map(([of, version]) => `${of} ${version}`)
      .join(", ")}.`,
    trial
      ? "Only tried, with PyTorch on the processor or with tiny rows: these are no results."
      : "Command: `node bench/webgpu/run.mjs --python <python>`.",
    "",
    "| work | PyTorch's setting | thaw, ms | PyTorch, ms | ratio | rounds |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
  ];
  const verdicts = [];
  for (const { name: row, what } of rows.filter((each) => measured[each.name])) {
    const { steps, difference, settings: tried } = measured[row];
    for (const setting of settings.filter((each) => tried[each] !== undefined))
      lines.push(`| ${what} | ${setting} | ${cellsOf(tried[setting], steps)} |`);
    const ratios = settings
      .filter((each) => !each.includes("tf32") && tried[each]?.rival)
      .map((each) => tried[each].rival / tried[each].thaw);
    const least = Math.min(...ratios);
    const goal = trial ? "" : `, the goal is ${least >= GOAL ? "reached" : "missed"}`;
    const verdict = ratios.length > 0 ? `ratio ${least.toFixed(2)}${goal}` : "not measured";
    verdicts.push(`- ${row}: ${verdict}; differs from the processor by ${difference.toExponential(1)} of the largest value`);
  }
  return `${[...lines, "", ...verdicts].join("\n")}\n`;
}

function cellsOf(measured, steps) {
  if (measured === "failed") return "– | failed | – | –";
  const { thaw, rival, times } = measured;
  return `${(thaw / steps).toFixed(2)} | ${(rival / steps).toFixed(2)} | **${(rival / thaw).toFixed(2)}** | ${times.thaw.length - 1}`;
}
