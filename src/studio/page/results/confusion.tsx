// The confusion matrix as a table whose cells open their photographs. With very many classes, what is confused most as a list.

import type { PhotoId } from "../../protocol/photographs.ts";
import type { RunResults } from "../../protocol/results.ts";
import { useStudio } from "../model/studio.ts";
import { count, percent } from "../model/words.ts";

/** With more classes a table is too large to be looked at. */
const MOST_CLASSES = 120;
/** With more classes cells have no numbers. */
const ROOM_FOR_NUMBERS = 20;
const MOST_LISTED = 12;

export function Confusion({ results }: { readonly results: RunResults }) {
  const studio = useStudio();
  const { classes, confusion } = results;
  const open = (target: string, predicted: string): void => {
    const ids: PhotoId[] = results.predictions.filter((one) => one.target === target && one.predicted === predicted).map(({ id }) => id);
    studio.showPhotos({ title: target === predicted ? `${target}, predicted as such` : `${target} predicted as ${predicted}`, ids });
  };
  const confused = confusion
    .flatMap((row, i) =>
      row.map((images, j) => ({ images, target: classes[i] as string, predicted: classes[j] as string, wrong: i !== j })),
    )
    .filter(({ images, wrong }) => wrong && images > 0)
    .sort((a, b) => b.images - a.images);
  const numbers = classes.length <= ROOM_FOR_NUMBERS;
  return (
    <section class="card" aria-labelledby="confusion">
      <h2 id="confusion">Confusion matrix</h2>
      <p class="quiet">Rows are labels, columns predictions. A cell opens its photographs.</p>
      {classes.length <= MOST_CLASSES && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do.
        <section class="matrix-place" tabIndex={0} aria-label="Table of the confusion matrix">
          <table class={`matrix${numbers ? "" : " small"}`}>
            <thead>
              <tr>
                <td />
                {classes.map((name) => (
                  <th key={name} scope="col">
                    <span>{name}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {confusion.map((row, i) => {
                const sum = row.reduce((a, b) => a + b, 0);
                const target = classes[i] as string;
                return (
                  <tr key={target}>
                    <th scope="row">
                      <span title={target}>{target}</span>
                    </th>
                    {row.map((images, j) => {
                      const predicted = classes[j] as string;
                      const share = sum === 0 ? 0 : images / sum;
                      return (
                        <td key={predicted}>
                          {images > 0 && (
                            <button
                              type="button"
                              class={i === j ? "right" : "wrong"}
                              style={{ "--share": share }}
                              data-strong={share > 0.5}
                              title={`${target} predicted as ${predicted}: ${count(images)}, ${percent(share)}`}
                              aria-label={`${target} predicted as ${predicted}: ${count(images)}`}
                              onClick={() => open(target, predicted)}
                            >
                              {numbers ? count(images) : ""}
                            </button>
                          )}
                        </td>
                      );
                    })}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
      {confused.length > 0 ? (
        <>
          <h3>Confused most</h3>
          <ul class="confused">
            {confused.slice(0, MOST_LISTED).map(({ images, target, predicted }) => (
              <li key={`${target}/${predicted}`}>
                <button type="button" onClick={() => open(target, predicted)}>
                  {target} <span class="quiet">as</span> {predicted} <strong>{count(images)}</strong>
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>Nothing was confused.</p>
      )}
    </section>
  );
}
