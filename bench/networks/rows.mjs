// The measurements of bench/networks as they are stored, and their means over the sets.

import { readFileSync } from "node:fs";

/** The rows of a table of results. */
export function readRows(file) {
  const [head, ...lines] = readFileSync(file, "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i], cell])));
}

/** Each network with its mean accuracy over the sets, its mean seconds for 2,000 photographs, and its accuracy on each set. */
export function summaryOf(rows) {
  const sets = [...new Set(rows.map(({ data }) => data))];
  const networks = [...new Set(rows.map(({ network }) => network))];
  return networks.map((network) => {
    const its = rows.filter((row) => row.network === network);
    if (its.length !== sets.length) throw new Error(`${network} was measured on ${its.length} of ${sets.length} sets`);
    return {
      network,
      size: Number(its[0].size),
      accuracy: mean(its.map(({ median_accuracy }) => Number(median_accuracy))),
      seconds: mean(its.map(({ fp32_seconds }) => Number(fp32_seconds))),
      sets: Object.fromEntries(its.map(({ data, median_accuracy }) => [data, Number(median_accuracy)])),
    };
  });
}

function mean(numbers) {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
