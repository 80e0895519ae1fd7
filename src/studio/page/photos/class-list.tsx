// The classes beside the grid: each with its key and its photographs, shown alone by a click; made, renamed, merged and removed here.

import { useState } from "preact/hooks";
import type { ClassRow } from "../../protocol/labels.ts";
import { useStudio } from "../model/studio.ts";
import { count, counted } from "../model/words.ts";
import { AskName, Confirm } from "../parts/ask-name.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Menu } from "../parts/menu.tsx";

type Asking = { readonly what: "add" } | { readonly what: "rename" | "merge" | "remove"; readonly row: ClassRow };

export function ClassList() {
  const studio = useStudio();
  const [asking, setAsking] = useState<Asking>();
  const state = studio.state.value;
  if (!state) return null;
  const { classes, counts } = state;
  const chosen = studio.photos.query.value.labels;
  const show = (labels: readonly (string | null)[] | undefined) =>
    void studio.photos.ask({ labels, state: undefined }).then(() => studio.selection.reset());
  const isChosen = (name: string | null): boolean => chosen?.length === 1 && chosen[0] === name && !studio.photos.chosen.value;
  const most = Math.max(1, ...classes.map(({ labelled }) => labelled));
  return (
    <nav class="classes" aria-label="Classes">
      <ul>
        <li>
          <button
            type="button"
            class="class-row"
            aria-pressed={chosen === undefined && !studio.photos.chosen.value}
            onClick={() => show(undefined)}
          >
            <span class="class-name">All photographs</span>
            <span class="number">{count(counts.photographs)}</span>
          </button>
        </li>
        <li>
          <button type="button" class="class-row" aria-pressed={isChosen(null)} onClick={() => show([null])}>
            <span class="class-name">Without label</span>
            <span class="number">{count(counts.unlabelled)}</span>
          </button>
        </li>
      </ul>
      <h2>
        Classes <span class="number">{classes.length > 0 && count(classes.length)}</span>
      </h2>
      <ul class="class-rows">
        {classes.map((row) => (
          <li key={row.name}>
            <button
              type="button"
              class="class-row"
              aria-pressed={isChosen(row.name)}
              title={`${row.name}: ${counted(row.labelled, "photograph")}${row.guessed > 0 ? `, ${count(row.guessed)} more guessed` : ""}`}
              onClick={() => show([row.name])}
            >
              <kbd>{studio.classKeys.value.get(row.name) ?? ""}</kbd>
              <span class="class-name">{row.name}</span>
              <span class="number">{count(row.labelled)}</span>
              <meter class="share" min={0} max={most} value={row.labelled} aria-hidden="true" />
            </button>
            <Menu
              plain
              label={`Change ${row.name}`}
              items={[
                { label: "Rename …", run: () => setAsking({ what: "rename", row }) },
                { label: "Merge into …", run: () => setAsking({ what: "merge", row }), disabled: classes.length < 2 },
                { label: "Remove …", run: () => setAsking({ what: "remove", row }) },
              ]}
            >
              ⋯
            </Menu>
          </li>
        ))}
      </ul>
      <button type="button" class="add-class" onClick={() => setAsking({ what: "add" })}>
        + New class
      </button>
      {asking && <Asked asking={asking} onClose={() => setAsking(undefined)} />}
    </nav>
  );
}

function Asked({ asking, onClose }: { readonly asking: Asking; readonly onClose: () => void }) {
  const studio = useStudio();
  const act = (what: Parameters<typeof studio.act>[0]): void => {
    onClose();
    void studio.act(what);
  };
  if (asking.what === "add")
    return (
      <AskName title="New class" label="Name" button="Add" onClose={onClose} onDone={(name) => act({ act: "addClass", class: name })} />
    );
  const { name, labelled } = asking.row;
  switch (asking.what) {
    case "rename":
      return (
        <AskName
          title={`Rename ${name}`}
          label="New name"
          value={name}
          button="Rename"
          onClose={onClose}
          onDone={(to) => (to === name ? onClose() : act({ act: "renameClass", class: name, to }))}
        />
      );
    case "remove":
      return (
        <Confirm
          title={`Remove ${name}?`}
          text={`${counted(labelled, "photograph")} will have no label. The files stay, and you can undo this.`}
          button="Remove"
          onClose={onClose}
          onDone={() => act({ act: "removeClass", class: name })}
        />
      );
    case "merge":
      return <Merge name={name} onClose={onClose} onDone={(into) => act({ act: "mergeClasses", classes: [name], into })} />;
  }
}

function Merge({
  name,
  onClose,
  onDone,
}: {
  readonly name: string;
  readonly onClose: () => void;
  readonly onDone: (into: string) => void;
}) {
  const others = useStudio().classes.value.filter((other) => other !== name);
  const [into, setInto] = useState(others[0] ?? "");
  return (
    <Dialog title={`Merge ${name}`} onClose={onClose}>
      <label class="field">
        <span>into</span>
        <select value={into} onChange={(event) => setInto(event.currentTarget.value)}>
          {others.map((other) => (
            <option key={other} value={other}>
              {other}
            </option>
          ))}
        </select>
      </label>
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="main" onClick={() => onDone(into)}>
          Merge
        </button>
      </footer>
    </Dialog>
  );
}
