// What the predictions are worth: by class, by how sure they are, and by the least probability that counts as an answer.

import { useMemo, useState } from "preact/hooks";
import { linesChart } from "../../../chart/lines.ts";
import { thresholdChart } from "../../../interpret/thresholds.ts";
import type { RunResults } from "../../protocol/results.ts";
import { useStudio } from "../model/studio.ts";
import { count, percent } from "../model/words.ts";
import { ChartView } from "../parts/chart.tsx";

type Column = "class" | "precision" | "recall" | "f1" | "support";
const COLUMNS: readonly { readonly key: Column; readonly words: string }[] = [
  { key: "class", words: "class" },
  { key: "precision", words: "precision" },
  { key: "recall", words: "recall" },
  { key: "f1", words: "F1" },
  { key: "support", words: "photographs" },
];

export function ClassTable({ results }: { readonly results: RunResults }) {
  const studio = useStudio();
  const [by, setBy] = useState<{ readonly key: Column; readonly up: boolean }>({ key: "f1", up: true });
  const rows = [...results.report.classes].sort((a, b) => {
    const order = by.key === "class" ? a.class.localeCompare(b.class, "en") : a[by.key] - b[by.key];
    return by.up ? order : -order;
  });
  const { macro } = results.report;
  return (
    <section class="card" aria-labelledby="class-table">
      <h2 id="class-table">Classes</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do. */}
      <section class="table-place" tabIndex={0} aria-label="Table of classes">
        <table class="numbers">
          <thead>
            <tr>
              {COLUMNS.map(({ key, words }) => (
                <th key={key} scope="col" aria-sort={by.key === key ? (by.up ? "ascending" : "descending") : "none"}>
                  <button type="button" class="plain" onClick={() => setBy({ key, up: by.key === key ? !by.up : true })}>
                    {words} <span aria-hidden="true">{by.key === key ? (by.up ? "↑" : "↓") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.class}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain"
                    onClick={() =>
                      studio.showPhotos({
                        title: `${row.class}, to measure with`,
                        ids: results.predictions.filter(({ target }) => target === row.class).map(({ id }) => id),
                      })
                    }
                  >
                    {row.class}
                  </button>
                </th>
                <td>{percent(row.precision)}</td>
                <td>{percent(row.recall)}</td>
                <td>{percent(row.f1)}</td>
                <td>{count(row.support)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">mean</th>
              <td>{percent(macro.precision)}</td>
              <td>{percent(macro.recall)}</td>
              <td>{percent(macro.f1)}</td>
              <td>{count(macro.support)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
    </section>
  );
}

export function Sureness({ results }: { readonly results: RunResults }) {
  const { calibration, thresholds } = results;
  const [at, setAt] = useState(0);
  const reliability = useMemo(
    () =>
      linesChart({
        title: "Calibration",
        x: "probability that it gives",
        range: [0, 1],
        panels: [
          {
            name: "share that is right",
            range: [0, 1],
            lines: [
              { name: "this run", points: calibration.bins.map(({ confidence, accuracy }) => [confidence, accuracy] as const) },
              {
                name: "as sure as right",
                points: [
                  [0, 0],
                  [1, 1],
                ],
                reference: true,
              },
            ],
          },
        ],
      }),
    [calibration],
  );
  const answers = useMemo(() => thresholdChart(thresholds, false), [thresholds]);
  const row = thresholds[Math.min(at, thresholds.length - 1)];
  return (
    <section class="card" aria-labelledby="sureness">
      <h2 id="sureness">How sure it is</h2>
      <p class="quiet">Probabilities are off by {percent(calibration.error)} on average.</p>
      <div class="charts">
        <ChartView chart={reliability} height={410} />
        <ChartView chart={answers} height={410} />
      </div>
      {row && (
        <label class="threshold">
          <span>
            Answer from a probability of <strong>{row.threshold.toFixed(2)}</strong> on: {percent(row.answered)} are answered,{" "}
            {percent(row.precision)} of the answers are right.
          </span>
          <input
            type="range"
            min={0}
            max={thresholds.length - 1}
            step={1}
            value={at}
            aria-valuetext={row.threshold.toFixed(2)}
            onInput={(event) => setAt(Number(event.currentTarget.value))}
          />
        </label>
      )}
    </section>
  );
}
