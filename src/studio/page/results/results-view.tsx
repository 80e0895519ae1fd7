// The results of a run, alive: every number opens its photographs, and labels are mended where they are seen.

import { useState } from "preact/hooks";
import { UsageError } from "../../../core/errors.ts";
import type { RunId, RunRow } from "../../protocol/training.ts";
import { useStudio } from "../model/studio.ts";
import { counted, percent } from "../model/words.ts";
import { Compare } from "./compare.tsx";
import { Confusion } from "./confusion.tsx";
import { LargestLosses, LikelyErrors } from "./losses.tsx";
import { ClassTable, Sureness } from "./measures.tsx";
import { RunList } from "./run-list.tsx";
import { Schedules } from "./schedules.tsx";

export function ResultsView() {
  const studio = useStudio();
  const [compared, setCompared] = useState<ReadonlySet<RunId>>(new Set());
  const state = studio.state.value;
  if (!state) return null;
  const { runs } = state;
  const shown = runs.find(({ id }) => id === studio.run.value) ?? runs.find((run) => run.state === "done") ?? runs[0];
  if (!shown)
    return (
      <section class="empty">
        <div>
          <h1>No results yet</h1>
          <p>Train a classifier, and see here what it confuses, where it looked, and which labels may be wrong.</p>
          <button type="button" class="main" onClick={() => studio.go("train")}>
            Go to Train
          </button>
        </div>
      </section>
    );
  const side = runs.filter(({ id }) => compared.has(id)).map(({ id }) => id);
  return (
    <div class="sheet results">
      <RunList
        runs={runs}
        shown={side.length >= 2 ? undefined : shown.id}
        compared={compared}
        onCompare={setCompared}
        onShow={(run) => {
          setCompared(new Set());
          studio.run.value = run;
        }}
      />
      <div class="results-main">
        {side.length >= 2 ? <Compare runs={side} /> : <OneRun key={shown.id} run={shown} />}
        {side.length === 1 && <p class="quiet">Check one more run to compare.</p>}
      </div>
    </div>
  );
}

function OneRun({ run }: { readonly run: RunRow }) {
  const studio = useStudio();
  if (run.state !== "done")
    return (
      <section class="card">
        <h1>{run.name}</h1>
        <p>{run.problem ?? "It has no results yet."}</p>
        <button
          type="button"
          class="main"
          onClick={() => {
            studio.run.value = run.id;
            studio.go("train");
          }}
        >
          {run.state === "running" || run.state === "stopping" ? "See it train" : "Resume it in Train"}
        </button>
      </section>
    );
  return <Results run={run} />;
}

function Results({ run }: { readonly run: RunRow }) {
  const studio = useStudio();
  const { value: results, error } = studio.runs.results(run.id).value;
  if (error)
    return (
      <section class="card" role="alert">
        <h1>{run.name}</h1>
        <p class="problem">
          <strong>{error instanceof Error ? error.message : `${error}`}</strong> {error instanceof UsageError ? error.hint : ""}
        </p>
        <div class="row">
          <button type="button" onClick={() => studio.runs.askResults(run.id)}>
            Try again
          </button>
        </div>
      </section>
    );
  if (!results)
    return (
      <p class="card loading" role="status">
        Loading the results …
      </p>
    );
  return (
    <>
      <header class="card run-head">
        <div>
          <h1>{run.name}</h1>
          <p class="quiet">
            {counted(results.predictions.length, "photograph")} to measure with, {counted(results.classes.length, "class", "classes")}
          </p>
        </div>
        <dl class="figures">
          <div>
            <dt>accuracy</dt>
            <dd>{percent(results.accuracy)}</dd>
          </div>
          {results.ttaAccuracy !== undefined && (
            <div>
              <dt>over views</dt>
              <dd>{percent(results.ttaAccuracy)}</dd>
            </div>
          )}
          <div>
            <dt>doubted labels</dt>
            <dd>{results.doubts.filter(({ likely }) => likely).length}</dd>
          </div>
        </dl>
        <div class="row">
          <button
            type="button"
            onClick={() => {
              studio.run.value = run.id;
              studio.go("try");
            }}
          >
            Try it
          </button>
          <button type="button" class="main" onClick={() => studio.trainAgain()}>
            Train again
          </button>
        </div>
      </header>
      <Confusion results={results} />
      <LargestLosses results={results} />
      <LikelyErrors results={results} />
      <ClassTable results={results} />
      <Sureness results={results} />
      <Schedules results={results} />
    </>
  );
}
