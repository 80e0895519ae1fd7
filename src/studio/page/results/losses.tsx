// The photographs with the largest losses, with the heat of where the network looked; labels that may be wrong. Both are mended here.

import { useState } from "preact/hooks";
import type { PhotoId } from "../../protocol/photographs.ts";
import type { RunResults } from "../../protocol/results.ts";
import { useStudio } from "../model/studio.ts";
import { Turns } from "../model/turns.ts";
import { baseName, percent } from "../model/words.ts";
import { AskedPicture, Picture } from "../parts/picture.tsx";

/** More are shown on demand. */
const FEW = 12;
/** Heat maps take long to be made, and a browser has few connections: other pictures, and labels, need not wait for them. */
const heatTurns = new Turns(2);

export function LargestLosses({ results }: { readonly results: RunResults }) {
  const { engine } = useStudio();
  const [heat, setHeat] = useState(true);
  const byId = new Map(results.predictions.map((one) => [one.id, one]));
  const worst = results.topLosses.flatMap((id) => byId.get(id) ?? []);
  return (
    <section class="card" aria-labelledby="losses">
      <div class="card-head">
        <h2 id="losses">Largest losses</h2>
        <label class="switch">
          <input type="checkbox" checked={heat} onChange={() => setHeat(!heat)} /> where it looked
        </label>
      </div>
      <Few all={worst} none="There are none.">
        {({ id, target, predicted, probability, loss }) => (
          <li key={id} class="finding">
            <span class="finding-picture">
              {heat ? (
                <AskedPicture
                  key={`heat ${id}`}
                  ask={() => engine.heatMap(results.run, id)}
                  alt={`Where the network looked for ${predicted}`}
                  turns={heatTurns}
                />
              ) : (
                <Picture id={id} size="thumbnail" alt="" />
              )}
            </span>
            <span>
              <strong>{predicted}</strong> <span class="unbroken">{percent(probability, 0)},</span>{" "}
              <span class="unbroken">loss {loss.toFixed(2)}</span>
            </span>
            <Relabel id={id} given={target} suggested={predicted} />
          </li>
        )}
      </Few>
    </section>
  );
}

export function LikelyErrors({ results }: { readonly results: RunResults }) {
  const likelyFirst = results.doubts.toSorted((a, b) => Number(b.likely) - Number(a.likely));
  return (
    <section class="card" aria-labelledby="doubts">
      <h2 id="doubts">Labels that may be wrong</h2>
      {results.verdict.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <Few all={likelyFirst} none="No label is doubted.">
        {({ id, given, suggested, score, likely }) => (
          <li key={id} class="finding">
            <span class="finding-picture">
              <Picture id={id} size="thumbnail" alt="" />
            </span>
            <span>
              {likely ? "likely" : "perhaps"} <strong>{suggested}</strong>, <span class="unbroken">doubt {percent(score, 0)}</span>
            </span>
            <Relabel id={id} given={given} suggested={suggested} />
          </li>
        )}
      </Few>
    </section>
  );
}

interface FewProps<Item> {
  readonly all: readonly Item[];
  readonly none: string;
  readonly children: (item: Item) => preact.JSX.Element;
}

function Few<Item>({ all, none, children }: FewProps<Item>) {
  const [shown, setShown] = useState(FEW);
  if (all.length === 0) return <p class="quiet">{none}</p>;
  return (
    <>
      <ul class="findings">{all.slice(0, shown).map(children)}</ul>
      {all.length > shown && (
        <button type="button" onClick={() => setShown(shown + 2 * FEW)}>
          Show more ({all.length - shown})
        </button>
      )}
    </>
  );
}

/** The label that the run learnt from, and the one that it has by now, to change. */
function Relabel({ id, given, suggested }: { readonly id: PhotoId; readonly given: string; readonly suggested: string }) {
  const studio = useStudio();
  studio.rows.arrivals.value;
  const row = studio.rows.get(id);
  const label = row?.label ?? "";
  const name = row ? baseName(row.name) : "the photograph";
  const others = studio.classes.value;
  return (
    <span class="relabel">
      <select
        aria-label={`Label of ${name}`}
        title={row?.name}
        value={row ? label : given}
        onChange={(event) => void studio.act({ act: "label", ids: [id], class: event.currentTarget.value || null })}
      >
        <option value="">no label</option>
        {[...new Set([...others, given])].map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      {row && label === given && suggested !== given && (
        <button
          type="button"
          aria-label={`Label ${name} ${suggested}`}
          onClick={() => void studio.act({ act: "label", ids: [id], class: suggested })}
        >
          → {suggested}
        </button>
      )}
    </span>
  );
}
