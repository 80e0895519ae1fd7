// Makes the page that people read from the rows in bench/results/whole.

import { mean, meanAndDeviation } from "../mean.mjs";

const NETWORKS = ["mobilenet_v2", "thaw_small"];
const STAGES = ["precompute", "augment", "unfreeze", "tta"];
/** What runs in place of the default recipe. */
const INSTEAD = ["all layers", "last groups", "larger"];

/** What whole runs come to beside fastai, and what each of thaw's stages gains and takes. `kinds` are the rows by kind of processor. */
export function tableOf(kinds) {
  const cells = cellsOf([...kinds].flatMap(([kind, rows]) => rows.map((row) => ({ ...row, kind }))));
  const ofNetworks = (of) => NETWORKS.flatMap((network) => lines(cells, (cell, its) => of(network, cell, its))).join("\n");
  const tables = [
    [FINAL, lines(cells, besideFastai).join("\n")],
    [GAINS, ofNetworks((network, cell, its) => [network, `${network}, all layers`].flatMap((side) => gainsOf(side, cell, its) ?? []))],
    [OTHERWISE, ofNetworks(otherwiseOf)],
  ];
  return `${HEAD}
${tables.map(([head, text]) => text && `${head}\n${text}\n`).join("")}${[...kinds]
  .filter(([, rows]) => rows.length > 0)
  .map(([kind, rows]) => timesOf(kind, rows))
  .join("")}`;
}

const HEAD = `# Whole runs beside fastai

Command: \`node bench/fastai/whole.mjs --python <python> --weights mobilenet_v2.safetensors --set <name>=<folder> …\`.
[bench/README.md](../README.md) says what is compared and what is unfair.

Accuracy is that on the test part, which neither side chooses anything on. Processors differ in it by rounding only, so the tables of
accuracy take the runs on all kinds together; time is told for each kind below them. Each seed draws other photographs, and the runs of one
seed on several kinds count as one, by their mean. ± is the standard error over the seeds. A test part has about 300 photographs: with a
single seed, five points can be chance on one set, but hardly on all.`;

const FINAL = `
## Final accuracy with MobileNetV2's weights

The ratio is fastai's processor time divided by thaw's on the same machine, the mean over all runs.

| photographs | of each class | seeds | thaw | fastai | difference, points | ratio of time |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |`;

const GAINS = `
## What the stages gain

The accuracy of the first answer, then what the weights after each stage add to it, in points. In brackets: in which share of the runs the
stage's weights (or views) were kept.

| network, recipe | photographs | of each class | seeds | first answer | precompute | augment | unfreeze | tta |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`;

const OTHERWISE = `
## Other recipes

Final accuracy: the default recipe, which leaves \`unfreeze\` out below 1,000 photographs; with it, for all layers and for the later half of
the body (\`--freeze-to 1\`); and without it at 1.25 times the size. In brackets: the difference from the default recipe on the same seeds, in
points. From 1,000 photographs on, all layers are the default recipe.

| network | photographs | of each class | seeds | default | all layers | last groups | larger |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |`;

/** Groups of rows with the same photographs: by set, then by number. */
function cellsOf(rows) {
  const sorted = rows.toSorted((a, b) => (a.data < b.data ? -1 : a.data > b.data ? 1 : a.per_class - b.per_class));
  return groupsOf(sorted, ({ data, per_class }) => `${data}, ${per_class}`);
}

/** What `of` makes of each group of rows, where it makes something. */
function lines(cells, of) {
  return [...cells].flatMap(([cell, its]) => of(cell.split(", "), its) ?? []);
}

function besideFastai([data, perClass], rows) {
  const pairs = pairsOf(rows, ["mobilenet_v2", "fastai"]);
  if (pairs.length === 0) return undefined;
  const accuracies = [0, 1].map((side) => bySeed(pairs, (pair) => 100 * pair[side].test.tta));
  const differences = bySeed(pairs, ([own, other]) => 100 * (own.test.tta - other.test.tta));
  const ratios = pairs
    .filter(([own, other]) => own.machine === other.machine)
    .map(([own, other]) => other.processorSeconds / own.processorSeconds);
  const cells = [data, perClass, differences.length, ...accuracies.map((values) => mean(values).toFixed(1)), signed(differences)];
  return row([...cells, ratios.length > 0 ? mean(ratios).toFixed(1) : "–"]);
}

function gainsOf(recipe, [data, perClass], rows) {
  const runs = rows.filter(({ side, test }) => side === recipe && test.after?.probe).map((run) => [run]);
  if (runs.length === 0) return undefined;
  const gain = (stage, of) => {
    // Of few photographs the default recipe has no such stage.
    if (runs.some(([{ stages }]) => !stages[stage])) return "–";
    const kept = runs.filter(([{ stages }]) => stages[stage].kept).length / runs.length;
    return `${signed(bySeed(runs, ([{ test }]) => 100 * of(test)))} (${Math.round(100 * kept)} %)`;
  };
  const after = (stage, before) => gain(stage, (test) => test.after[stage].plain - test.after[before].plain);
  const first = bySeed(runs, ([{ test }]) => 100 * test.after.probe.plain);
  return row([
    ...[recipe, data, perClass, first.length, percent(first)],
    ...[after("precompute", "probe"), after("augment", "precompute"), after("unfreeze", "augment")],
    gain("tta", (test) => test.tta - test.plain),
  ]);
}

function otherwiseOf(network, [data, perClass], rows) {
  const finalOf = (runs) => bySeed(runs, (pair) => 100 * pair.at(-1).test.tta);
  const usual = finalOf(pairsOf(rows, [network]));
  const others = INSTEAD.map((name) => {
    const side = `${network}, ${name}`;
    const final = finalOf(pairsOf(rows, [side]));
    const differences = bySeed(pairsOf(rows, [network, side]), ([one, other]) => 100 * (other.test.tta - one.test.tta));
    return { final, text: `${percent(final)}${differences.length > 0 ? ` (${signed(differences)})` : ""}` };
  });
  const seeds = Math.max(...others.map(({ final }) => final.length));
  if (seeds === 0) return undefined;
  return row([network, data, perClass, seeds, percent(usual), ...others.map(({ text }) => text)]);
}

function percent(values) {
  return values.length === 0 ? "–" : `${mean(values).toFixed(1)} %`;
}

/** The seconds on a kind of processor. */
function timesOf(kind, rows) {
  const all = (values) => [...new Set(values)].join("; ");
  const versions = all(rows.flatMap(({ versions = {} }) => Object.entries(versions).map((version) => version.join(" "))));
  const threads = all(rows.map(({ threads }) => (threads === 1 ? "one thread" : `${threads} threads`)));
  const cells = cellsOf(rows);
  const sides = ["fastai", ...NETWORKS.flatMap((network) => [network, ...INSTEAD.map((name) => `${network}, ${name}`)])];
  return `
## Processor time on ${kind}

${all(rows.map(({ machine }) => machine))}, ${threads}, ${all(rows.map(({ date }) => date))}. Versions: ${versions}. Size: ${all(rows.map(({ size }) => size))} pixels.
Seconds of a whole run and of thaw's stages, means over the seeds; those of the first answer are in \`precompute\`'s.

| side | photographs | of each class | seeds | whole run | precompute | augment | unfreeze | tta |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${sides.flatMap((side) => lines(cells, (cell, its) => secondsOf(side, cell, its))).join("\n")}
`;
}

function secondsOf(side, [data, perClass], rows) {
  const runs = rows.filter((one) => one.side === side);
  if (runs.length === 0) return undefined;
  const seconds = (of) => (runs.every(of) ? mean(runs.map((run) => of(run).processorSeconds)).toFixed(0) : "–");
  const stages = STAGES.map((stage) => (side === "fastai" ? "–" : seconds(({ stages }) => stages[stage])));
  return row([side, data, perClass, runs.length, seconds((run) => run), ...stages]);
}

/** The rows of all of `sides`, in their order, with the same seed on the same kind of processor. */
function pairsOf(rows, sides) {
  return [...groupsOf(rows, ({ kind, seed }) => `${kind}, ${seed}`).values()]
    .map((its) => sides.map((side) => its.find((one) => one.side === side)))
    .filter((its) => its.every((one) => one));
}

/** What `of` makes of `groups` of rows of one seed each: the mean for each seed. */
function bySeed(groups, of) {
  return [...groupsOf(groups, ([{ seed }]) => seed).values()].map((its) => mean(its.map(of)));
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

function row(cells) {
  return `| ${cells.join(" | ")} |`;
}
