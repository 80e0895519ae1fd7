// Makes the page that people read from the rows in bench/results/whole.

import { meanAndDeviation } from "../head/features.mjs";

const NETWORKS = ["mobilenet_v2", "thaw_small"];

/** What whole runs come to beside fastai, and what each of thaw's stages gains and takes. `kinds` are the rows by kind of processor. */
export function tableOf(kinds) {
  return `# Whole runs beside fastai

Command: \`node bench/fastai/whole.mjs --python <python> --weights mobilenet_v2.safetensors --set <name>=<folder> …\`.
[bench/README.md](../README.md) says what is compared and what is unfair.

Accuracy is that on the test part, which neither side chooses anything on; seconds are processor time of the whole run. A test part has
about 300 photographs: with a single seed, five points can be chance on one set, but hardly on all.
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
  const stages = NETWORKS.map((network) => lines(cells, (cell, its) => stagesOf(network, cell, its)))
    .filter((text) => text)
    .join("\n");
  return `
## ${kind}

Machine: ${last.machine}, ${last.threads === 1 ? "one thread" : `${last.threads} threads`}, ${last.date}. Versions: ${versions.join(", ")}. Size: ${last.size} pixels.

### Final accuracy with MobileNetV2's weights

| photographs | of each class | seeds | thaw | fastai | difference, points | thaw, s | fastai, s | ratio |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines(cells, besideFastai)}
${stages && stagesTable(stages)}`;
}

function stagesTable(text) {
  return `
### What the stages gain and take

The accuracy of a run that ends after the first stage, then what the next stages add to it, in points, with their seconds. In brackets:
in how many runs the stage's weights (or views) were kept.

| network | photographs | of each class | seeds | precompute | augment | unfreeze | tta |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
${text}
`;
}

function lines(cells, of) {
  return [...cells].flatMap(([cell, its]) => of(cell.split(", "), its) ?? []).join("\n");
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

function stagesOf(network, [data, perClass], rows) {
  const runs = pairsOf(rows, [`${network}-precompute`, `${network}-augment`, network]);
  if (runs.length === 0) return undefined;
  const points = (of) => runs.map((run) => 100 * of(run));
  const seconds = (stage) => `${mean(runs.map(([, , whole]) => whole.stages[stage].processorSeconds)).toFixed(0)} s`;
  const kept = (stage) => `(${runs.filter(([, , whole]) => whole.stages[stage].kept).length})`;
  return row([
    network,
    data,
    perClass,
    runs.length,
    `${mean(points(([first]) => first.test.plain)).toFixed(1)} %, ${seconds("precompute")}`,
    `${signed(points(([first, second]) => second.test.plain - first.test.plain))} ${kept("augment")}, ${seconds("augment")}`,
    `${signed(points(([, second, whole]) => whole.test.plain - second.test.plain))} ${kept("unfreeze")}, ${seconds("unfreeze")}`,
    `${signed(points(([, , whole]) => whole.test.tta - whole.test.plain))} ${kept("tta")}, ${seconds("tta")}`,
  ]);
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
