// Training: a form where nothing runs, else the run.

import { useEffect } from "preact/hooks";
import { useStudio } from "../model/studio.ts";
import { LiveRun } from "./live-run.tsx";
import { StartForm } from "./start-form.tsx";

export function TrainView() {
  const studio = useStudio();
  const { another } = studio;
  useEffect(
    () => () => {
      another.value = false;
    },
    [],
  );
  const runs = studio.state.value?.runs ?? [];
  const going = runs.find(({ state }) => state === "running" || state === "stopping");
  const shown = going ?? runs.find(({ id }) => id === studio.run.value) ?? runs[0];
  if (!studio.state.value) return null;
  return (
    <div class="sheet">
      {(!shown || another.value) && !going && (
        <StartForm
          onStarted={() => {
            another.value = false;
          }}
        />
      )}
      {shown && !going && !another.value && (
        <div class="row above">
          <button type="button" class="main" onClick={() => studio.trainAgain()}>
            Train again
          </button>
        </div>
      )}
      {shown && <LiveRun run={shown} />}
    </div>
  );
}
