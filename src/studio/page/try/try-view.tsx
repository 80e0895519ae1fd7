// Trying a model: pictures for it and what it says; and the model to take away.

import type { Answer } from "../../protocol/results.ts";
import { useStudio } from "../model/studio.ts";
import { bytes, percent } from "../model/words.ts";
import { Answers } from "./answers.tsx";
import { Export } from "./export.tsx";
import { TryPictures } from "./try-pictures.tsx";

export function TryView() {
  const studio = useStudio();
  const state = studio.state.value;
  const done = state?.runs.filter((run) => run.state === "done") ?? [];
  const run = done.find(({ id }) => id === studio.run.value) ?? done[0];
  const most = state?.mostBytes ?? Number.POSITIVE_INFINITY;

  const ask = async (picture: Uint8Array): Promise<Answer | undefined> => {
    if (picture.length <= most) return studio.try(studio.engine.tryPicture(picture, run?.id));
    studio.notices.add({ kind: "warning", message: `The picture has more than ${bytes(most)}`, hint: "Make it smaller first." });
    return undefined;
  };

  if (!state) return null;
  if (run === undefined && state.head === undefined)
    return (
      <section class="empty">
        <div>
          <h1>Nothing to try yet</h1>
          <p>Label photographs of two classes, or train a classifier.</p>
          <button type="button" class="main" onClick={() => studio.go("photos")}>
            Go to Photos
          </button>
        </div>
      </section>
    );
  return (
    <div class="sheet try">
      <section class="card try-main" aria-labelledby="try-title">
        <div class="card-head">
          <h1 id="try-title">Try it</h1>
          {done.length > 0 && (
            <label class="field inline">
              <span>Run</span>
              <select
                value={run?.id}
                onChange={(event) => {
                  studio.run.value = event.currentTarget.value;
                }}
              >
                {done.map(({ id, name, accuracy }) => (
                  <option key={id} value={id}>
                    {name} ({percent(accuracy)})
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        {!run && <p class="quiet">What guesses in Photos answers here, too. A trained classifier is better.</p>}
        <TryPictures
          key={run?.id ?? ""}
          ask={ask}
          show={(answer, waiting, live) => <Answers answer={answer} waiting={waiting} quiet={live} />}
        />
      </section>
      {run && <Export key={run.id} run={run} />}
    </div>
  );
}
