// The table of bench/quantization/accuracy.mjs as text: mean paired differences with their intervals.

import { readFile, writeFile } from "node:fs/promises";

/** 97.5 % quantile of Student's t by degrees of freedom, for the numbers of heads that a table may have. */
const STUDENT = { 4: 2.776, 9: 2.262, 14: 2.145, 49: 2.01, 99: 1.984 };

/** Reads `<results>.csv` and writes `<results>.md`. */
export async function report(results) {
  const [, ...lines] = (await readFile(`${results}.csv`, "utf8")).trim().split("\n");
  const rows = lines.map((line) => {
    const [network, data, fold, seed, trainedOn, validatedOn, accuracy, difference] = line.split(",");
    return {
      set: `${network} | ${data}`,
      head: `${fold} ${seed}`,
      kind: `${trainedOn} ${validatedOn}`,
      accuracy: Number(accuracy),
      difference,
    };
  });
  const text = [...new Set(rows.map((row) => row.set))].map((set) => {
    const of = (kind) => new Map(rows.filter((row) => row.set === set && row.kind === kind).map((row) => [row.head, row.accuracy]));
    const [full, same, crossed] = ["fp32 fp32", "int8 int8", "int8 fp32"].map(of);
    const { difference } = rows.find((row) => row.set === set);
    const cells = [
      full.size,
      percent(mean([...full.values()])),
      paired(full, same),
      paired(full, crossed),
      `${(100 * difference).toFixed(1)} %`,
    ];
    return `| ${set} | ${cells.join(" | ")} |`;
  });
  await writeFile(`${results}.md`, `${HEAD}\n${text.join("\n")}\n`);
}

const HEAD = `# 8-bit features

Command: \`node bench/quantization/accuracy.mjs\`.

Each head (512 hidden units, 4 epochs, SGD with cosine annealing from 0.01, batch 64) trains on the
pooled features of the frozen body; five folds, three or ten seeds. Differences are in percentage
points, 8 bit minus full precision, paired by fold and seed, with their 95 % interval (Student's t;
heads of one fold share photographs, so it is somewhat too narrow).

thaw does what the last column but one shows: it trains on 8-bit features, and validates and predicts
in full precision. The last column is the difference of the features that thaw measures when it finds
the 8-bit ranges, relative to the variation between images. The ranges are from 32 photographs of the
whole set, without their labels. With fewer than 15 heads the comparison is not finished; the same
command continues it.

| network | data | heads | accuracy in full precision | 8 bit, validated in 8 bit | 8 bit, validated in full precision | features differ by |
| --- | --- | --- | --- | --- | --- | --- |`;

function paired(full, other) {
  const differences = [...other].filter(([head]) => full.has(head)).map(([head, accuracy]) => 100 * (accuracy - full.get(head)));
  const middle = mean(differences);
  const variance = differences.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (differences.length - 1);
  const student = STUDENT[differences.length - 1] ?? 2;
  return `${middle < 0 ? "−" : "+"}${Math.abs(middle).toFixed(2)} ± ${(student * Math.sqrt(variance / differences.length)).toFixed(2)}`;
}

function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function percent(value) {
  return `${(100 * value).toFixed(2)} %`;
}
