// Typing a class: the classes that fit, the first of them by Enter, or a new one.

import { useId, useState } from "preact/hooks";
import { matching } from "../model/class-keys.ts";
import { useStudio } from "../model/studio.ts";
import { counted } from "../model/words.ts";
import { Dialog } from "../parts/dialog.tsx";

const MOST_SHOWN = 8;

interface LabelBoxProps {
  readonly text: string;
  readonly onDone: (className: string) => void;
  readonly onClose: () => void;
}

export function LabelBox({ text, onDone, onClose }: LabelBoxProps) {
  const { classes, selection } = useStudio();
  const [typed, setTyped] = useState(text);
  const [at, setAt] = useState(0);
  const id = useId();
  const fitting = matching(classes.value, typed).slice(0, MOST_SHOWN);
  const name = typed.trim();
  const isNew = name !== "" && !classes.value.includes(name);
  const choices = [...fitting.map((one) => ({ name: one, words: one })), ...(isNew ? [{ name, words: `New class “${name}”` }] : [])];
  const chosen = choices[Math.min(at, choices.length - 1)];
  return (
    <Dialog title={`Label ${counted(selection.targets.length, "photograph")}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) onDone(chosen.name);
        }}
      >
        <input
          type="text"
          role="combobox"
          aria-label="Class"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={chosen && `${id}-${choices.indexOf(chosen)}`}
          aria-autocomplete="list"
          autocomplete="off"
          autoFocus
          maxLength={100}
          placeholder="Class"
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            setAt(Math.max(0, Math.min(choices.length - 1, at + step)));
          }}
        />
        <div class="choices" id={id} role="listbox" aria-label="Classes">
          {choices.map((choice, i) => (
            <div
              key={choice.words}
              id={`${id}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={choice === chosen}
              onClick={() => onDone(choice.name)}
              onKeyDown={undefined}
            >
              {choice.words}
            </div>
          ))}
        </div>
      </form>
    </Dialog>
  );
}
