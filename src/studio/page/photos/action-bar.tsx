// Below the grid, always of the same height: what is selected and what can be done with it, what is being computed, and how good the guesses are.

import { useStudio } from "../model/studio.ts";
import { count, counted, percent } from "../model/words.ts";
import { ProgressLine } from "../parts/progress-line.tsx";
import type { LabelActs } from "./label-acts.ts";
import { adding } from "./pictures-in.ts";

const WORK = {
  reading: "Reading the photographs",
  features: "Looking at the photographs",
  check: "Checking files",
  audit: "Auditing labels",
} as const;

export function ActionBar({ acts, onType }: { readonly acts: LabelActs; readonly onType: (text: string) => void }) {
  const { state: stateSignal, selection, photos } = useStudio();
  const state = stateSignal.value;
  const selected = selection.count.value;
  const work = state?.work;
  const found = photos.found.value;
  const older =
    !photos.chosen.value && found && state && state.revision > found.revision && (photos.query.value.order ?? "name") !== "name";
  return (
    <div class="action-bar">
      <div class="row" role="toolbar" aria-label="Selection">
        <span class="selected-count" aria-live="polite">
          {selected > 0 ? `${count(selected)} selected` : state && counted(photos.ids.value.length, "photograph")}
        </span>
        <button type="button" disabled={selected === 0} onClick={() => onType("")}>
          Label …
        </button>
        <button type="button" disabled={selected === 0} onClick={() => void acts.accept(selection.targets)}>
          Accept
        </button>
        <button type="button" disabled={selected === 0} onClick={() => void acts.skip()}>
          Skip
        </button>
        <button type="button" disabled={selected === 0} onClick={() => void acts.delete()}>
          Delete
        </button>
        {older && (
          <button type="button" class="fresh" onClick={() => void photos.refresh()}>
            Order anew <kbd>.</kbd>
          </button>
        )}
      </div>
      <div class="status" role="status">
        {adding.value ? (
          <ProgressLine label={adding.value.task} progress={adding.value} />
        ) : work ? (
          <ProgressLine label={WORK[work.kind]} progress={work.progress} />
        ) : state?.head ? (
          <span title={`${state.head.network}, fitted on ${counted(state.head.labels, "label")} in ${state.head.seconds.toFixed(2)} s`}>
            {state.head.accuracy === undefined ? "Guesses learnt from" : `Guesses are right for ${percent(state.head.accuracy, 0)} of`}{" "}
            <span class="quiet">{counted(state.head.labels, "label")}</span>
          </span>
        ) : (
          state && <span class="quiet">Label photographs of two classes, and thaw guesses the rest.</span>
        )}
      </div>
    </div>
  );
}
