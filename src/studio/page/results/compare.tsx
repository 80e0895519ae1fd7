// Runs side by side: the settings that differ, accuracies with their spread, and the photographs that changed.

import { useEffect, useState } from "preact/hooks";
import type { RunComparison, RunId } from "../../protocol/training.ts";
import { useStudio } from "../model/studio.ts";
import { counted, percent } from "../model/words.ts";
import { Picture } from "../parts/picture.tsx";

const MOST_SHOWN = 24;

export function Compare({ runs }: { readonly runs: readonly RunId[] }) {
  const studio = useStudio();
  const [comparison, setComparison] = useState<RunComparison>();
  const key = runs.join();
  useEffect(() => {
    let gone = false;
    setComparison(undefined);
    void studio.try(studio.engine.compareRuns(runs)).then((found) => gone || setComparison(found));
    return () => {
      gone = true;
    };
  }, [key]);
  if (!comparison) return <p class="quiet card">Comparing …</p>;
  const rows = studio.state.value?.runs ?? [];
  const rowOf = (id: RunId) => rows.find((run) => run.id === id);
  const { settings, groups, changed } = comparison;
  const ids = comparison.runs;
  return (
    <>
      <section class="card" aria-labelledby="compare">
        <h1 id="compare">Side by side</h1>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do. */}
        <section class="table-place" tabIndex={0} aria-label="Table of runs">
          <table class="numbers">
            <thead>
              <tr>
                <td />
                {ids.map((id) => (
                  <th key={id} scope="col">
                    {rowOf(id)?.name ?? id}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">accuracy</th>
                {ids.map((id) => (
                  <td key={id}>
                    <strong>{percent(rowOf(id)?.accuracy)}</strong>
                  </td>
                ))}
              </tr>
              {settings.map(({ name, values }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {ids.map((id, i) => (
                    <td key={id}>{values[i]}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        {settings.length === 0 && <p class="quiet">Their settings are the same.</p>}
        <ul class="groups">
          {groups.map(({ runs: group, mean, deviation }) => (
            <li key={group.join()}>
              {group.map((id) => rowOf(id)?.name ?? id).join(", ")}: <strong>{percent(mean)}</strong>
              {deviation === undefined ? "" : ` ± ${percent(deviation)} over ${counted(group.length, "seed")}`}
            </li>
          ))}
        </ul>
      </section>
      <section class="card" aria-labelledby="changed">
        <div class="card-head">
          <h2 id="changed">{counted(changed.length, "photograph")} predicted differently</h2>
          {changed.length > 0 && (
            <button type="button" onClick={() => studio.showPhotos({ title: "Predicted differently", ids: changed.map(({ id }) => id) })}>
              Show in the grid
            </button>
          )}
        </div>
        <ul class="findings">
          {changed.slice(0, MOST_SHOWN).map(({ id, label, predicted }) => (
            <li key={id} class="finding">
              <span class="finding-picture">
                <Picture id={id} size="thumbnail" alt="" />
              </span>
              <span>
                {label ?? "no label"}: {predicted.map((one, i) => `${i > 0 ? " → " : ""}${one}`).join("")}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
