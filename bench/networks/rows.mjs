// The measurements of bench/networks as they are stored, and their means over the sets.

import { readFileSync } from "node:fs";

/** The rows of a table of results. */
export function readRows(file) {
  const [head, ...lines] = readFileSync(file, "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i], cell])));
}

/**
 * Each network at each of its sizes with its accuracy on each set, and, if it was measured on all of them, its mean accuracy and its mean seconds for 2,000
 * photographs.
 */
export function summaryOf(rows) {
  const sets = [...new Set(rows.map(({ data }) => data))];
  const places = [...new Map(rows.map(({ network, size }) => [`${network}@${size}`, { network, size }])).values()];
  return places.map(({ network, size }) => {
    const its = rows.filter((row) => row.network === network && row.size === size);
    const isWhole = its.length === sets.length;
    return {
      network,
      size: Number(size),
      accuracy: isWhole ? mean(its.map((row) => Number(row.median_accuracy))) : undefined,
      seconds: isWhole ? mean(its.map((row) => Number(row.fp32_seconds))) : undefined,
      sets: Object.fromEntries(its.map(({ data, median_accuracy }) => [data, Number(median_accuracy)])),
    };
  });
}

function mean(numbers) {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
