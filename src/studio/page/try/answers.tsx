// What a model says about a picture.

import type { Answer } from "../../protocol/results.ts";
import { percent } from "../model/words.ts";

const MOST_SHOWN = 6;

interface AnswersProps {
  readonly answer: Answer | undefined;
  readonly waiting: boolean;
  /** Not read out: live answers change many times a second. */
  readonly quiet?: boolean;
}

export function Answers({ answer, waiting, quiet = false }: AnswersProps) {
  const [first] = answer?.predictions ?? [];
  return (
    <div class="answers" aria-live={quiet ? "off" : "polite"} aria-busy={waiting}>
      {answer && first ? (
        <>
          <p class="first-answer">
            <strong>{answer.present === false ? "none of them" : first.class}</strong>
            <span class="quiet">{answer.present === false ? `nearest: ${first.class}` : percent(first.probability)}</span>
          </p>
          <ul>
            {answer.predictions.slice(0, MOST_SHOWN).map(({ class: name, probability }) => (
              <li key={name}>
                <span class="answer-name">{name}</span>
                <meter min={0} max={1} value={probability} aria-label={name} />
                <span class="number">{percent(probability)}</span>
              </li>
            ))}
          </ul>
          <p class="quiet">{Math.round(answer.milliseconds)} ms</p>
        </>
      ) : (
        <p class="quiet">{waiting ? "Looking …" : "The answer appears here."}</p>
      )}
    </div>
  );
}
