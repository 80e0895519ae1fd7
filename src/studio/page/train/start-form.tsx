// Starting a run: how long it may take, and the choices, folded away.

import { useState } from "preact/hooks";
import { CHOICES, type RecipeChoices } from "../../../recipe/choices/choice-table.ts";
import { useStudio } from "../model/studio.ts";
import { counted } from "../model/words.ts";
import { valueOf } from "./choice-values.ts";
import { Choices, type Typed } from "./choices.tsx";
import { TimeSlider } from "./time-slider.tsx";

/** Below this many labels, or classes, there is nothing to learn. */
const LEAST_CLASSES = 2;

export function StartForm({ onStarted }: { readonly onStarted: () => void }) {
  const studio = useStudio();
  const [time, setTime] = useState<number | undefined>(300);
  const [name, setName] = useState("");
  const [typed, setTyped] = useState<Typed>({});
  const [starting, setStarting] = useState(false);
  const state = studio.state.value;
  const classes = state?.classes.filter(({ labelled }) => labelled > 0).length ?? 0;
  const ready = classes >= LEAST_CLASSES;
  const start = async (): Promise<void> => {
    setStarting(true);
    const choices = await studio.try(Promise.resolve().then(() => choicesOf(typed)));
    const trimmed = name.trim();
    const run =
      choices &&
      (await studio.try(
        studio.engine.train({
          ...(trimmed !== "" && { name: trimmed }),
          ...(time !== undefined && { time }),
          ...(Object.keys(choices).length > 0 && { choices }),
        }),
      ));
    setStarting(false);
    if (run === undefined) return;
    studio.run.value = run;
    onStarted();
  };
  return (
    <form
      class="start card"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <h1>Train a classifier</h1>
      <p class="quiet">
        {ready
          ? `${counted(state?.counts.labelled ?? 0, "labelled photograph")} of ${counted(classes, "class", "classes")}. A part of them is kept aside to measure with.`
          : "Label photographs of two classes first."}
      </p>
      <TimeSlider time={time} onTime={setTime} />
      <div class="row">
        <label class="field inline">
          <span class="sr">Name of the run</span>
          <input
            type="text"
            placeholder="Name (the date)"
            maxLength={100}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main" disabled={!ready || starting}>
          {starting ? "Starting …" : "Train"}
        </button>
      </div>
      <Choices typed={typed} onType={setTyped} />
    </form>
  );
}

/** The choices that were typed; throws a UsageError for one that cannot be. */
function choicesOf(typed: Typed): RecipeChoices {
  const rows = Object.entries(CHOICES).flatMap(([key, { value, documentation }]) => {
    const text = typed[key]?.trim() ?? "";
    return text === "" ? [] : [[key, valueOf(text, value, documentation.title)] as const];
  });
  return Object.fromEntries(rows) as RecipeChoices;
}
