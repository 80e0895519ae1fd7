// The stages of a run: what each is for, how far it is, and what came of it.

import type { Recipe } from "../../../recipe/file/schema.ts";
import { shownChoices } from "../../../recipe/plan/shown-choices.ts";
import { placeInWords } from "../../../recipe/record/stage-history.ts";
import type { StageLog, TrainingLog } from "../model/training-log.ts";
import { duration, percent } from "../model/words.ts";

export function Stages({ log }: { readonly log: TrainingLog }) {
  const planned = log.recipe?.stages.slice(log.stages.filter(({ begun }) => begun.name !== "tta").length) ?? [];
  return (
    <ol class="stages">
      {log.probe && (
        <li class="stage ended">
          <h2>first answer</h2>
          <p>A linear classifier of the pretrained features.</p>
          <p class="stage-end">
            <strong>{percent(log.probe.accuracy)}</strong> <span class="quiet">{duration(log.probe.seconds)}</span>
          </p>
        </li>
      )}
      {log.stages.map((stage, i) => (
        <Stage key={i} stage={stage} now={i === log.stages.length - 1 && !log.done && !log.failed} />
      ))}
      {!log.done &&
        planned.map((stage) => (
          <li key={`${stage.name}${stage.network}${stage.size}`} class="stage to-come">
            <h2>{stage.name}</h2>
            <p class="quiet">to come</p>
          </li>
        ))}
    </ol>
  );
}

function Stage({ stage: { begun, lr, shortened, epochs, end }, now }: { readonly stage: StageLog; readonly now: boolean }) {
  const last = epochs.at(-1);
  return (
    <li class={`stage ${end ? "ended" : now ? "now" : "left-out"}`}>
      <h2>
        {begun.name}
        <span class="quiet">{placeInWords(begun)}</span>
      </h2>
      <p>{begun.purpose}</p>
      {lr && (
        <p class="quiet">
          Rate {lr.suggestion.toPrecision(2)}: {lr.reason}
        </p>
      )}
      {shortened && (
        <p class="quiet">
          {shortened.epochs === 0 ? "left out" : `${shortened.epochs} of ${shortened.planned} epochs`}, because time is short
        </p>
      )}
      {!end && last && (
        <p>
          Epoch {last.epoch} of {last.epochs}: <strong>{percent(last.accuracy)}</strong>
        </p>
      )}
      {end && (
        <p class="stage-end">
          <strong>{percent(end.accuracy)}</strong>{" "}
          <span class="quiet">
            {duration(end.seconds)}
            {end.kept ? "" : ", not kept"}
          </span>
          {end.note !== "" && <span class="note">{end.note}</span>}
        </p>
      )}
    </li>
  );
}

export function RecipeTable({ recipe }: { readonly recipe: Recipe }) {
  return (
    <details>
      <summary>What was chosen, and why</summary>
      <dl class="facts">
        {shownChoices(recipe).map(({ title, value, reason }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              {value} {reason && <span class="quiet">{reason}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
