// The table of docs/which-network.md, and its pictures: node bench/networks/table.mjs <results.csv>, after npm run build.

import { join } from "node:path";
import { axis } from "../../dist/chart/axes.js";
import { makeChart } from "../../dist/chart/chart.js";
import { readRows, summaryOf } from "./rows.mjs";

const rows = readRows(process.argv[2]);
const all = summaryOf(rows).toSorted((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0));
const networks = all.filter(({ accuracy }) => accuracy !== undefined);
const sets = [...new Set(rows.map(({ data }) => data))];
const percent = (value) => (value === undefined ? "–" : (100 * value).toFixed(1));

console.log(`| network | size | ${sets.join(" | ")} | mean | s |`);
console.log(`| --- | ---: | ${sets.map(() => "---:").join(" | ")} | ---: | ---: |`);
for (const { network, size, sets: its, accuracy, seconds } of all)
  console.log(
    `| \`${network}\` | ${size} | ${sets.map((set) => percent(its[set])).join(" | ")} | ${percent(accuracy)} | ${seconds === undefined ? "–" : Math.round(seconds)} |`,
  );

const chart = makeChart({
  title: "Accuracy against time",
  description: `Accuracy against time of networks: ${networks.map(({ network, accuracy, seconds }) => `${network} ${percent(accuracy)} % in ${Math.round(seconds)} seconds`).join(", ")}`,
  width: 640,
  size: (width) => ({ width, height: 400 }),
  option: (palette) => ({
    grid: { left: 75, right: 40, top: 60, height: 270 },
    xAxis: axis(palette, { name: "processor seconds for 2,000 photographs", gap: 32, min: 0 }),
    yAxis: axis(palette, {
      name: `mean accuracy on ${sets.length} sets, %`,
      gap: 44,
      scale: true,
      min: ({ min }) => Math.floor(min) - 1,
      max: ({ max }) => Math.ceil(max + 0.5),
    }),
    series: networks.map(({ network, accuracy, seconds }, rank) => ({
      type: "line",
      silent: true,
      symbol: "circle",
      symbolSize: 9,
      itemStyle: { color: palette.series[0] },
      label: {
        show: true,
        position: isBelow(networks[rank - 1], networks[rank]) ? "bottom" : "top",
        formatter: network,
        color: palette.text,
        fontSize: 12,
      },
      data: [[seconds, 100 * accuracy]],
    })),
  }),
});
for (const theme of ["light", "dark"]) await chart.save(join("docs", "images", `networks-${theme}.svg`), { theme });

/** Whether a network's point is just below that of the `next` better one, whose name is above it. */
function isBelow(next, { accuracy, seconds }) {
  return next !== undefined && next.accuracy - accuracy < 0.03 && Math.abs(next.seconds - seconds) < 10;
}
