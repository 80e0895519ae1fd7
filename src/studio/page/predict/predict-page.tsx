// The page of one model: a picture, and what the model says about it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { loadModel } from "../../../classifier/classifier.ts";
import type { Values } from "../../../classifier/regressor.ts";
import type { Answer } from "../../protocol/results.ts";
import { counted } from "../model/words.ts";
import { Answers } from "../try/answers.tsx";
import { TryPictures } from "../try/try-pictures.tsx";

type Model = Awaited<ReturnType<typeof loadModel>>;

export function PredictPage({ name, model: loading }: { readonly name: string; readonly model: Promise<Model> }) {
  const [model, setModel] = useState<Model>();
  const [problem, setProblem] = useState<string>();
  const fail = (error: unknown): void => {
    const { message, hint } = error as { readonly message: string; readonly hint?: string };
    setProblem([message, hint].filter(Boolean).join(". "));
  };
  useEffect(() => void loading.then(setModel, fail), []);
  /** What `predict` comes to, or its problem on the page. */
  const asking =
    <Found,>(predict: (picture: Uint8Array) => Promise<Found>) =>
    async (picture: Uint8Array): Promise<Found | undefined> => {
      setProblem(undefined);
      return predict(picture).catch((error: unknown) => {
        fail(error);
        return undefined;
      });
    };
  return (
    <main class="sheet try predict">
      <section class="card try-main" aria-labelledby="name">
        <div class="card-head">
          <span class="mark-of-thaw" aria-hidden="true" />
          <h1 id="name">{name}</h1>
        </div>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {!model && !problem && <p role="status">Loading the model …</p>}
        {model?.kind === "continuous" && (
          <TryPictures<Values> ask={asking((picture) => model.predict(picture))} show={(values) => <Numbers values={values} />} />
        )}
        {model && model.kind !== "continuous" && (
          <>
            <details>
              <summary>{counted(model.classes.length, "class", "classes")}</summary>
              <p class="quiet class-names">{model.classes.join(", ")}</p>
            </details>
            <TryPictures<Answer>
              ask={asking(async (picture) => {
                const begun = performance.now();
                const predictions = await model.predict(picture);
                return { predictions, present: predictions[0]?.present, milliseconds: performance.now() - begun };
              })}
              show={(answer, waiting, live) => <Answers answer={answer} waiting={waiting} quiet={live} />}
            />
          </>
        )}
      </section>
      <footer class="quiet">Pictures stay on this device.</footer>
    </main>
  );
}

function Numbers({ values }: { readonly values: Values | undefined }): JSX.Element {
  if (!values) return <p class="quiet">The answer appears here.</p>;
  return (
    <dl class="answers" aria-live="polite">
      {[...values].map(([name, value]) => (
        <div key={name} class="first-answer">
          <dt class="quiet">{name}</dt>
          <dd>
            <strong>{value.toPrecision(4)}</strong>
          </dd>
        </div>
      ))}
    </dl>
  );
}
