// A run as it goes: its stages, curves and speed, and the buttons that stop and resume it.

import type { RunRow } from "../../protocol/training.ts";
import { useStudio } from "../model/studio.ts";
import { isBare, type TrainingLog } from "../model/training-log.ts";
import { count, counted, duration, percent } from "../model/words.ts";
import { ProgressLine } from "../parts/progress-line.tsx";
import { Curves } from "./curves.tsx";
import { RecipeTable, Stages } from "./stages.tsx";

export const STATE_WORDS: Readonly<Record<RunRow["state"], string>> = {
  running: "running",
  stopping: "stopping at the next safe point",
  stopped: "stopped",
  killed: "interrupted",
  failed: "failed",
  done: "done",
};

export function LiveRun({ run }: { readonly run: RunRow }) {
  const studio = useStudio();
  const log = studio.runs.log(run.id).value;
  const { engine } = studio;
  const best = run.ttaAccuracy ?? run.accuracy ?? log.probe?.accuracy;
  const failedAtOnce = run.state === "failed" && isBare(log);
  return (
    <article class="live" aria-labelledby="run-name">
      <header class="card run-head">
        <div>
          <h1 id="run-name">{run.name}</h1>
          <p class="quiet">
            {STATE_WORDS[run.state]}
            {run.network && `, ${run.network}`}
            {run.size && ` at ${run.size} pixels`}
            {run.images !== undefined && `, ${counted(run.images, "photograph")}`}
          </p>
        </div>
        <dl class="figures" aria-live="polite">
          <div>
            <dt>accuracy</dt>
            <dd>{percent(best)}</dd>
          </div>
          {run.state === "running" ? (
            <>
              <div>
                <dt>left of the stage</dt>
                <dd>{log.secondsLeft === undefined ? "–" : duration(log.secondsLeft)}</dd>
              </div>
              <div>
                <dt>{run.limit === undefined ? "so far" : "left of the run, at most"}</dt>
                <dd>{duration(run.limit === undefined ? log.seconds : Math.max(0, run.limit + log.resumedAt - log.seconds))}</dd>
              </div>
            </>
          ) : (
            <div>
              <dt>time</dt>
              <dd>{duration(run.seconds)}</dd>
            </div>
          )}
          {run.state === "running" && (
            <div>
              <dt>images per second</dt>
              <dd>{log.imagesPerSecond === undefined ? "–" : count(Math.round(log.imagesPerSecond))}</dd>
            </div>
          )}
        </dl>
        <div class="row">
          {(run.state === "running" || run.state === "stopping") && (
            <button type="button" disabled={run.state === "stopping"} onClick={() => void studio.try(engine.stop(run.id))}>
              Stop
            </button>
          )}
          {(run.state === "stopped" || run.state === "killed" || run.state === "failed") && (
            <button type="button" class="main" onClick={() => void studio.try(engine.resume(run.id))}>
              Resume
            </button>
          )}
          {run.state === "done" && (
            <button
              type="button"
              class="main"
              onClick={() => {
                studio.run.value = run.id;
                studio.go("results");
              }}
            >
              See the results
            </button>
          )}
        </div>
        <div class="progress-place">
          {log.progress && run.state === "running" && <ProgressLine label={log.progress.task} progress={log.progress} />}
        </div>
        {(log.failed || run.problem) && run.state !== "running" && (
          <p class="problem" role="alert">
            <strong>{log.failed?.message ?? run.problem}</strong> {log.failed?.hint}
          </p>
        )}
        {failedAtOnce && <Warnings warnings={log.warnings} />}
      </header>
      {!failedAtOnce && (
        <div class="live-parts">
          <section class="card" aria-label="Stages">
            {log.next === 0 && <p class="quiet">Loading …</p>}
            <Stages log={log} />
            {log.recipe && <RecipeTable recipe={log.recipe} />}
            <Warnings warnings={log.warnings} />
          </section>
          <section class="card" aria-label="Curves">
            <Curves curves={log.curves} seconds={log.seconds} />
            {log.curves.batchLoss.length + log.curves.accuracy.length === 0 && (
              <p class="quiet">{log.next === 0 ? "Loading …" : "Curves appear with the first epoch."}</p>
            )}
          </section>
        </div>
      )}
    </article>
  );
}

function Warnings({ warnings }: Pick<TrainingLog, "warnings">) {
  if (warnings.length === 0) return null;
  return (
    <details>
      <summary>{counted(warnings.length, "warning")}</summary>
      <ul>
        {warnings.map(({ message, hint }) => (
          <li key={message}>
            {message} <span class="quiet">{hint}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
