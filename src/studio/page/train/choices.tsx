// Everything that a recipe fixes, made from the table of choices: what is left empty is thaw's choice.

import { useId } from "preact/hooks";
import type { PlanChoice, ValueChoice } from "../../../recipe/choices/choice.ts";
import { CHOICES } from "../../../recipe/choices/choice-table.ts";
import type { ValueKind } from "../../../recipe/choices/values.ts";
import { FILE_CHOICES } from "../../protocol/training.ts";

const CHANGEABLE = Object.entries(CHOICES).filter(([key]) => !FILE_CHOICES.has(key));

/** What was typed, by the key of the choice. */
export type Typed = Readonly<Record<string, string>>;

export function Choices({ typed, onType }: { readonly typed: Typed; readonly onType: (typed: Typed) => void }) {
  const made = Object.values(typed).filter((text) => text !== "").length;
  return (
    <details class="recipe-choices">
      <summary>Choices {made > 0 ? <span class="quiet">{made} made by you</span> : <span class="quiet">all made by thaw</span>}</summary>
      <div class="choice-grid">
        {CHANGEABLE.map(([key, row]) => (
          <Choice key={key} row={row} text={typed[key] ?? ""} onText={(text) => onType({ ...typed, [key]: text })} />
        ))}
      </div>
    </details>
  );
}

interface ChoiceProps {
  readonly row: PlanChoice | ValueChoice;
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Choice({ row: { value, documentation, flags }, text, onText }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{documentation.title.replaceAll("`", "")}</label>
      <Value id={id} kind={value} text={text} onText={onText} />
      <small class="quiet" id={`${id}-help`}>
        {flags[0]?.help}
      </small>
    </div>
  );
}

interface ValueProps {
  readonly id: string;
  readonly kind: ValueKind;
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Value({ id, kind, text, onText }: ValueProps) {
  const words = kind.kind === "word" ? kind.words : kind.kind === "boolean" ? ["yes", "no"] : undefined;
  if (words)
    return (
      <select id={id} aria-describedby={`${id}-help`} value={text} onChange={(event) => onText(event.currentTarget.value)}>
        <option value="">thaw’s choice</option>
        {words.map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </select>
    );
  const isNumber = kind.kind === "integer" || kind.kind === "number";
  return (
    <input
      id={id}
      aria-describedby={`${id}-help`}
      type="text"
      inputMode={isNumber ? "decimal" : "text"}
      placeholder={kind.kind === "list" ? "thaw’s choice (a, b, …)" : "thaw’s choice"}
      value={text}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  );
}
