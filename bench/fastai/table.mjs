// Makes the page that people read from the rows in bench/results/fastai.jsonl.

/** In the order of the recipe; all but "unfrozen" keep the body frozen. */
export const STAGES = ["cached", "augmented", "unfrozen", "tta"];
const FROZEN = STAGES.filter((stage) => stage !== "unfrozen");

/** Accuracy after each stage, and time, thaw beside fastai; means over the seeds. */
export function tableOf(rows) {
  const last = rows.at(-1);
  if (!last) return "# The whole recipe beside fastai\n\nNothing measured yet.\n";
  const versions = Object.entries(last.versions).map(([name, version]) => `${name} ${version}`);
  const sets = [...new Set(rows.map(({ data }) => data))];
  return `# The whole recipe beside fastai

Machine: ${last.machine}.
Versions: ${versions.join(", ")}. Size: ${[...new Set(rows.map(({ size }) => size))].join(", ")} pixels.
Command: \`node bench/fastai/run.mjs --python <python> --weights mobilenet_v2.safetensors --dogscats <folder> --flowers <folder>\`.
[bench/README.md](../README.md) says what is unfair.

MobileNetV2 with fastai's head.
A stage's accuracy is that of its best epoch, by the same rule on both sides; times are wall clock.
Ratios: fastai's time over thaw's; above 1, thaw is faster.
${sets
  .map((name) =>
    setOf(
      name,
      rows.filter(({ data }) => data === name),
    ),
  )
  .join("")}`;
}

function setOf(name, rows) {
  const mean = (of) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const seconds = (side, stages) => mean((row) => stages.reduce((sum, stage) => sum + row.stages[stage][side].seconds, 0));
  const ratio = (stages) => (seconds("fastai", stages) / seconds("thaw", stages)).toFixed(2);
  const lines = STAGES.map((stage) => {
    const [own, other] = ["thaw", "fastai"].map((side) => 100 * mean((row) => row.stages[stage][side].accuracy));
    const difference = `${own >= other ? "+" : "−"}${Math.abs(own - other).toFixed(2)}`;
    const times = ["thaw", "fastai"].map((side) => seconds(side, [stage]).toFixed(1));
    return `| ${stage} | ${own.toFixed(2)} % | ${other.toFixed(2)} % | ${difference} | ${times.join(" | ")} | ${ratio([stage])} |`;
  });
  return `
## ${name}, ${rows.length === 1 ? "one seed" : `${rows.length} seeds`}

| stage | thaw | fastai | difference, points | thaw, s | fastai, s | ratio |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join("\n")}

Stages with a frozen body (${FROZEN.join(", ")}): **${ratio(FROZEN)}** times as fast (floor 2, target 3). The whole recipe: **${ratio(STAGES)}** (floor 1.1, target 1.5).
`;
}
