// Makes the page that people read from the rows in bench/results/time-to-accuracy.

import { medianOf } from "../engine/table.mjs";
import { NAMES } from "./sides.mjs";

/** The accuracies of each set that the time to is taken. */
export const TARGETS = { dogscats: [0.975, 0.98], flowers: [0.88] };

/** `kinds` are the rows by kind of processor. */
export function tableOf(kinds) {
  return `# Time to accuracy

Seconds from the start of the process to the first answer whose validation accuracy is that of the
column: median of the seeds, nothing cached, MobileNetV2's published weights. In brackets: how many
times as long as thaw. "Not reached" means by none of the seeds within the limit; where some did not
reach it, the limit counts as their time and a + follows. Best: the highest accuracy of any seed; thaw trains to
its end, a rival is ended when it reaches the last target.
Command: \`node bench/time-to-accuracy/run.mjs --python <python> --weights mobilenet_v2.safetensors --dogscats <folder> --flowers <folder>\`.
[bench/README.md](../README.md) says what each side does, and what is unfair.
${[...kinds]
  .filter(([, rows]) => rows.length > 0)
  .map(([kind, rows]) => sectionOf(kind, rows))
  .join("")}`;
}

function sectionOf(kind, rows) {
  const versions = Object.entries(Object.assign({}, ...rows.map((row) => row.versions))).map(([name, version]) => `${name} ${version}`);
  const loads = rows.map(({ load }) => load);
  return `
## ${kind}

Machine: ${rows.at(-1).machine}, ${rows.at(-1).threads} threads. Versions: ${versions.join(", ")}. Size: ${[...new Set(rows.map(({ size }) => size))].join(", ")} pixels. Limit: ${[...new Set(rows.map(({ limit }) => limit))].join(", ")} seconds.
Load of the minute before a side began: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.
${Object.keys(TARGETS)
  .map((data) =>
    setOf(
      data,
      rows.filter((row) => row.data === data),
    ),
  )
  .join("")}`;
}

function setOf(data, rows) {
  if (rows.length === 0) return "";
  const targets = TARGETS[data];
  const sides = [...new Set(rows.map(({ side }) => side))];
  const of = (name) => rows.filter(({ side }) => side === name);
  const thaw = targets.map((target) => medianOf(of("thaw").map((row) => timeTo(row, target).seconds)));
  const lines = sides.map((side) => {
    const cells = targets.map((target, i) => cell(of(side), target, side === "thaw" ? Number.NaN : thaw[i]));
    const accuracies = of(side).flatMap(({ answers }) => answers.map(({ accuracy }) => accuracy));
    const best = accuracies.length > 0 ? `${(100 * Math.max(...accuracies)).toFixed(1)} %` : "–";
    return `| ${NAMES[side]} | ${of(side).length} | ${cells.join(" | ")} | ${best} |`;
  });
  return `
### ${data}

| side | seeds | ${targets.map((target) => `${(100 * target).toFixed(1)} %, s`).join(" | ")} | best |
| --- | ---: | ${targets.map(() => "---:").join(" | ")} | ---: |
${lines.join("\n")}
${ofThaw(
  of("thaw").filter(({ saved }) => saved !== undefined),
  targets,
)}`;
}

/** What else is to be said of thaw's runs: its first answer is a linear probe, and it goes on after the last one. */
function ofThaw(rows, targets) {
  if (rows.length === 0) return "";
  const epochs = targets.map((target) => `${cell(rows.map(withoutProbe), target, Number.NaN)} s to ${(100 * target).toFixed(1)} %`);
  const seconds = (key) => medianOf(rows.map((row) => row[key])).toFixed(1);
  return `
thaw's first answer is a linear probe; without it, its head takes ${epochs.join(" and ")}.
Its model was saved after ${seconds("saved")} s, and the command ended, with its report, after ${seconds("ended")} s.
`;
}

function withoutProbe(row) {
  return { ...row, answers: row.answers.filter(({ what }) => what === "epoch") };
}

/** The time of the first answer that reaches `target`; the whole of the side's time if none does. */
function timeTo({ answers, ended }, target) {
  const found = answers.find(({ accuracy }) => accuracy >= target);
  return { seconds: found?.seconds ?? ended, reached: found !== undefined };
}

function cell(rows, target, thaw) {
  const times = rows.map((row) => timeTo(row, target));
  if (!times.some(({ reached }) => reached)) return "not reached";
  const seconds = medianOf(times.map((time) => time.seconds));
  const more = times.every(({ reached }) => reached) ? "" : "+";
  return `${seconds.toFixed(1)}${more}${Number.isNaN(thaw) ? "" : ` (${(seconds / thaw).toFixed(2)}${more})`}`;
}
