// Makes the page that people read from the rows in bench/results/whole.

import { meanAndDeviation } from "../head/features.mjs";

const NETWORKS = ["mobilenet_v2", "thaw_small"];

/** What whole runs come to beside fastai, and what each of thaw's stages gains and takes. `kinds` are the rows by kind of processor. */
export function tableOf(kinds) {
  return `# Whole runs beside fastai

Command: \`node bench/fastai/whole.mjs --python <python> --weights mobilenet_v2.safetensors --set <name>=<folder> …\`.
[bench/README.md](../README.md) says what is compared and what is unfair.

Accuracy is that on the test part, which neither side chooses anything on; seconds are processor time of the whole run. A test part has
about 300 photographs: with a single seed, five points can be chance on one set, but hardly on all. Rows on AVX2 are from before the
default recipe left \`unfreeze\` out below 1,000 photographs.
${[...kinds]
  .filter(([, rows]) => rows.length > 0)
  .map(([kind, rows]) => sectionOf(kind, rows))
  .join("")}`;
}

function sectionOf(kind, rows) {
  const last = rows.at(-1);
  const versions = Object.entries(rows.findLast(({ side }) => side === "fastai")?.versions ?? {}).map(
    ([name, version]) => `${name} ${version}`,
  );
  const cells = groupsOf(rows, ({ data, per_class }) => `${data}, ${per_class}`);
  const ofNetworks = (of) => NETWORKS.flatMap((network) => lines(cells, (cell, its) => of(network, cell, its))).join("\n");
  const tables = [
    [FASTAI, lines(cells, besideFastai).join("\n")],
    [STAGES, ofNetworks((network, cell, its) => [network, `${network}, all layers`].flatMap((side) => stagesOf(side, cell, its) ?? []))],
    [OTHERWISE, ofNetworks(otherwiseOf)],
  ];
  return `
## ${kind}

Machine: ${last.machine}, ${last.threads === 1 ? "one thread" : `${last.threads} threads`}, ${last.date}. Versions: ${versions.join(", ")}. Size: ${last.size} pixels.
${tables.map(([head, text]) => text && `${head}\n${text}\n`).join("")}`;
}

const FASTAI = `
### Final accuracy with MobileNetV2's weights

| photographs | of each class | seeds | thaw | fastai | difference, points | thaw, s | fastai, s | ratio |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`;

const STAGES = `
### What the stages gain and take

The accuracy of the first answer, then what the weights after each stage add to it, in points, with the stage's seconds; those of the first
answer are in \`precompute\`'s. In brackets: in how many runs the stage's weights (or views) were kept.

| network, recipe | photographs | of each class | seeds | first answer | precompute | augment | unfreeze | tta |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`;

const OTHERWISE = `
### Other recipes

Final accuracy and seconds of whole runs: the default recipe, which leaves \`unfreeze\` out below 1,000 photographs; with it, for all layers
and for the later half of the body (\`--freeze-to 1\`); and without it at 1.25 times the size.

| network | photographs | of each class | seeds | default | all layers | last groups | larger |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |`;

/** What `of` makes of each group of rows with the same photographs, where it makes something. */
function lines(cells, of) {
  return [...cells].flatMap(([cell, its]) => of(cell.split(", "), its) ?? []);
}

function besideFastai([data, perClass], rows) {
  const pairs = pairsOf(rows, ["mobilenet_v2", "fastai"]);
  if (pairs.length === 0) return undefined;
  const [own, others] = [0, 1].map((side) => pairs.map((pair) => 100 * pair[side].test.tta));
  const seconds = [0, 1].map((side) => mean(pairs.map((pair) => pair[side].processorSeconds)));
  const difference = signed(own.map((value, i) => value - others[i]));
  const cells = [data, perClass, pairs.length, mean(own).toFixed(1), mean(others).toFixed(1), difference];
  return row([...cells, ...seconds.map((value) => value.toFixed(0)), (seconds[1] / seconds[0]).toFixed(1)]);
}

function stagesOf(recipe, [data, perClass], rows) {
  const runs = rows.filter(({ side, test }) => side === recipe && test.after?.probe);
  if (runs.length === 0) return undefined;
  const after = (stage) => runs.map(({ test }) => 100 * test.after[stage].plain);
  const seconds = (stage) => `${mean(runs.map(({ stages }) => stages[stage].processorSeconds)).toFixed(0)} s`;
  const kept = (stage) => `(${runs.filter(({ stages }) => stages[stage].kept).length})`;
  const gain = (stage, before) => {
    // Of few photographs the default recipe has no such stage.
    if (runs.some(({ stages }) => !stages[stage])) return "–";
    const values = after(before);
    return `${signed(after(stage).map((value, i) => value - values[i]))} ${kept(stage)}, ${seconds(stage)}`;
  };
  return row([
    recipe,
    data,
    perClass,
    runs.length,
    `${mean(after("probe")).toFixed(1)} %`,
    gain("precompute", "probe"),
    gain("augment", "precompute"),
    gain("unfreeze", "augment"),
    `${signed(runs.map(({ test }) => 100 * (test.tta - test.plain)))} ${kept("tta")}, ${seconds("tta")}`,
  ]);
}

function otherwiseOf(network, [data, perClass], rows) {
  const others = ["all layers", "last groups", "larger"].map((name) => pairsOf(rows, [network, `${network}, ${name}`]));
  const seeds = Math.max(...others.map((pairs) => pairs.length));
  if (seeds === 0) return undefined;
  const worth = (runs) =>
    runs.length === 0
      ? "–"
      : `${mean(runs.map(({ test }) => 100 * test.tta)).toFixed(1)} %, ${mean(runs.map((run) => run.processorSeconds)).toFixed(0)} s`;
  const usual = rows.filter(({ side, test }) => side === network && test.after);
  return row([network, data, perClass, seeds, worth(usual), ...others.map((pairs) => worth(pairs.map(([, other]) => other)))]);
}

/** The rows of each seed that has all of `sides`, in their order. */
function pairsOf(rows, sides) {
  return [...groupsOf(rows, ({ seed }) => seed).values()]
    .map((its) => sides.map((side) => its.find((one) => one.side === side)))
    .filter((its) => its.every((one) => one));
}

function groupsOf(rows, keyOf) {
  const groups = new Map();
  for (const one of rows) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** The mean of differences, with its standard error where there are several. */
function signed(differences) {
  const [middle, deviation] = meanAndDeviation(differences);
  const error = differences.length > 1 ? ` ± ${(deviation / Math.sqrt(differences.length)).toFixed(1)}` : "";
  return `${middle < 0 ? "−" : "+"}${Math.abs(middle).toFixed(1)}${error}`;
}

function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function row(cells) {
  return `| ${cells.join(" | ")} |`;
}
