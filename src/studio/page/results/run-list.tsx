// The runs: one is looked at, several are compared; renamed and deleted here.

import { useState } from "preact/hooks";
import type { RunId, RunRow } from "../../protocol/training.ts";
import { useStudio } from "../model/studio.ts";
import { duration, percent } from "../model/words.ts";
import { AskName, Confirm } from "../parts/ask-name.tsx";
import { Menu } from "../parts/menu.tsx";
import { STATE_WORDS } from "../train/live-run.tsx";

interface RunListProps {
  readonly runs: readonly RunRow[];
  readonly shown: RunId | undefined;
  readonly compared: ReadonlySet<RunId>;
  readonly onShow: (run: RunId) => void;
  readonly onCompare: (runs: ReadonlySet<RunId>) => void;
}

export function RunList({ runs, shown, compared, onShow, onCompare }: RunListProps) {
  const studio = useStudio();
  const [asking, setAsking] = useState<{ readonly what: "rename" | "delete"; readonly run: RunRow }>();
  const close = (): void => setAsking(undefined);
  const toggle = (run: RunId): void => {
    const next = new Set(compared);
    if (!next.delete(run)) next.add(run);
    onCompare(next);
  };
  return (
    <nav class="runs card" aria-label="Runs">
      <h2>Runs</h2>
      <ul>
        {runs.map((run) => (
          <li key={run.id}>
            <input
              type="checkbox"
              aria-label={`Compare ${run.name}`}
              title="Compare"
              disabled={run.state !== "done"}
              checked={compared.has(run.id)}
              onChange={() => toggle(run.id)}
            />
            <button type="button" class="run-row" aria-pressed={run.id === shown} onClick={() => onShow(run.id)}>
              <span class="run-name">{run.name}</span>
              <span class="quiet">
                {run.state === "done" ? (
                  <>
                    {run.network && `${run.network}, `}
                    <span class="unbroken">{duration(run.seconds)}</span>
                  </>
                ) : (
                  STATE_WORDS[run.state]
                )}
              </span>
              <strong>{percent(run.ttaAccuracy ?? run.accuracy)}</strong>
            </button>
            <Menu
              plain
              label={`Change ${run.name}`}
              items={[
                { label: "Rename …", run: () => setAsking({ what: "rename", run }) },
                {
                  label: "Delete …",
                  run: () => setAsking({ what: "delete", run }),
                  disabled: run.state === "running" || run.state === "stopping",
                },
              ]}
            >
              ⋯
            </Menu>
          </li>
        ))}
      </ul>
      {asking?.what === "rename" && (
        <AskName
          title={`Rename ${asking.run.name}`}
          label="Name"
          value={asking.run.name}
          button="Rename"
          onClose={close}
          onDone={(name) => {
            close();
            void studio.try(studio.engine.renameRun(asking.run.id, name));
          }}
        />
      )}
      {asking?.what === "delete" && (
        <Confirm
          title={`Delete ${asking.run.name}?`}
          text="Its model and its results are deleted. This cannot be undone; labels and photographs stay."
          button="Delete"
          onClose={close}
          onDone={() => {
            close();
            void studio.try(studio.engine.deleteRun(asking.run.id));
          }}
        />
      )}
    </nav>
  );
}
