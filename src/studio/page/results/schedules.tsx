// What each stage trained with: the learning rate, the momentum and the loss of its batches.

import { useMemo, useState } from "preact/hooks";
import { scheduleChart } from "../../../interpret/schedule-chart.ts";
import type { RunResults } from "../../protocol/results.ts";
import { ChartView } from "../parts/chart.tsx";

export function Schedules({ results: { schedules } }: { readonly results: RunResults }) {
  const [at, setAt] = useState(0);
  const schedule = schedules[Math.min(at, schedules.length - 1)];
  const chart = useMemo(() => schedule && scheduleChart(schedule), [schedule]);
  if (!chart) return null;
  return (
    <section class="card" aria-labelledby="schedules">
      <div class="card-head">
        <h2 id="schedules">How it trained</h2>
        <label class="field inline">
          <span>Stage</span>
          <select value={at} onChange={(event) => setAt(Number(event.currentTarget.value))}>
            {schedules.map(({ stage }, i) => (
              <option key={i} value={i}>
                {stage}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ChartView chart={chart} height={690} />
    </section>
  );
}
