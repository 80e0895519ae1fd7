// From the measurements to the table that people read.

import { rows, starts } from "./rows.mjs";

export function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The contents of bench/results/engine.md: a section for each kind of processor. */
export function tablesOf(kinds) {
  const lines = [
    "# The engine beside PyTorch and TensorFlow.js",
    "",
    "One table for each kind of processor, by its widest instructions, and for each generation that was measured.",
    "[bench/README.md](../README.md) says what a round is and what is unfair.",
    "",
    "Ratio: the rival's median time over thaw's; above 1, thaw is faster.",
    "Memory: thaw's peak over the rival's; below 1, thaw needs less (floor 1.5, target 1.0).",
  ];
  return [lines.join("\n"), ...Object.entries(kinds).map(sectionOf)].join("\n\n");
}

/** The table of one kind of processor. */
export function sectionOf([kind, { machine, versions, rows: measured, settings, starts: started }]) {
  const lines = [
    `## ${kind}`,
    "",
    `Machine: ${machine}.`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    `Command: \`node bench/engine/run.mjs --python <python>${machine.endsWith("processor time") ? " --threads 1 --clock processor" : ""}\`.`,
    "",
    "| work | thaw, ms | rival, ms | its fastest setting | ratio | floor | target | thaw, MB | rival, MB | memory |",
    "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const { name, what, task, ...asked } of rows) {
    const row = measured[name];
    if (!row) continue;
    const { floor = "", target = "" } = asked;
    const [own, other] = [row.thaw, row.rival].map((time) => (time / task.steps).toFixed(1));
    const [ownPeak, otherPeak] = [row.peaks.thaw, row.peaks.rival].map((bytes) => (bytes ? (bytes / 1e6).toFixed(0) : "–"));
    const memory = row.peaks.thaw ? (row.peaks.thaw / row.peaks.rival).toFixed(2) : "–";
    const ratio = (row.rival / row.thaw).toFixed(2);
    lines.push(
      `| ${what} | ${own} | ${other} | ${row.setting} | **${ratio}** | ${floor} | ${target} | ${ownPeak} | ${otherPeak} | ${memory} |`,
    );
  }
  lines.push("", "| start | thaw, s | floor | target |", "| --- | ---: | ---: | ---: |");
  for (const { name, what, floor, target } of starts)
    if (started[name]) lines.push(`| ${what} | **${started[name].seconds.toFixed(2)}** | ${floor} | ${target} |`);
  lines.push("", "Each of the rival's settings alone, median of three rounds, in ms for the work above:", "");
  for (const { name, task } of rows.filter((row) => settings[row.name])) {
    const times = Object.entries(settings[name]).map(([setting, time]) =>
      typeof time === "number" ? `${setting} ${(time / task.steps).toFixed(1)}` : `${setting} ${time}`,
    );
    lines.push(`- ${name}: ${times.join(", ")}`);
  }
  return `${lines.join("\n")}\n`;
}
