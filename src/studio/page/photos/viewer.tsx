// One photograph as large as the page, with all that is known about it. The keys of the grid work here, too.

import { useEffect } from "preact/hooks";
import { useStudio } from "../model/studio.ts";
import { counted, percent } from "../model/words.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Picture } from "../parts/picture.tsx";
import { commandOf } from "./grid-keys.ts";
import type { LabelActs } from "./label-acts.ts";
import { MARK_WORDS } from "./tile.tsx";

interface ViewerProps {
  readonly acts: LabelActs;
  readonly onType: (text: string) => void;
  readonly onClose: () => void;
}

export function Viewer({ acts, onType, onClose }: ViewerProps) {
  const studio = useStudio();
  const { photos, selection, rows, classKeys, classes } = studio;
  // Drawn again when rows arrive.
  rows.arrivals.value;
  const id = selection.focused;
  const step = (by: number): void => selection.moveTo(selection.focus.value + by);
  // A button that was pressed may be gone with the photograph, and the focus with it: keys count wherever they are pressed.
  useEffect(() => {
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    // Another dialog above this one has its own.
    if (document.querySelectorAll("dialog[open]").length > 1) return;
    const command = commandOf(event, classKeys.value);
    if (!command) return;
    // Buttons and lists have keys of their own.
    const own = event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement;
    if (own && (command.do === "open" || command.do === "accept")) return;
    if (command.do === "clear") return;
    event.preventDefault();
    if (command.do === "move") step(["left", "up", "pageUp", "first"].includes(command.by) ? -1 : 1);
    else if (command.do === "label") void acts.label(command.class);
    else if (command.do === "unlabel") void acts.label(null);
    else if (command.do === "skip") void acts.skip();
    else if (command.do === "delete") void acts.delete();
    else if (command.do === "accept") void acts.accept(id === undefined ? [] : [id]);
    else if (command.do === "type") onType(command.text);
    else if (command.do === "open") onClose();
  };
  if (id === undefined) return null;
  const row = rows.get(id);
  return (
    <Dialog title={row?.name ?? "Photograph"} size="whole" onClose={onClose}>
      <div class="viewer">
        <div class="viewer-picture">
          <Picture id={id} size="full" alt={row?.name ?? ""} />
        </div>
        <aside aria-live="polite">
          <p class="viewer-place">
            {(selection.focus.value + 1).toLocaleString("en-US")} of {counted(photos.ids.value.length, "photograph")}
          </p>
          <div class="row">
            <button type="button" onClick={() => step(-1)} autoFocus>
              ← Previous
            </button>
            <button type="button" onClick={() => step(1)}>
              Next →
            </button>
          </div>
          <label class="field">
            <span>Label</span>
            <select value={row?.label ?? ""} onChange={(event) => void acts.label(event.currentTarget.value || null)}>
              <option value="">no label</option>
              {classes.value.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {row?.guess && (
            <p>
              Guess: <strong>{row.guess.class}</strong>, {percent(row.guess.probability)}{" "}
              {row.label === undefined && (
                <button type="button" onClick={() => void acts.accept([id])}>
                  Accept
                </button>
              )}
            </p>
          )}
          <div class="row">
            <button type="button" aria-pressed={row?.skipped ?? false} onClick={() => void acts.skip()}>
              Skip
            </button>
            <button type="button" aria-pressed={row?.deleted ?? false} onClick={() => void acts.delete()}>
              Mark as deleted
            </button>
          </div>
          {row && row.marks.length > 0 && (
            <ul class="mark-list">
              {row.marks.map((mark) => (
                <li key={`${mark.mark} ${mark.message}`}>
                  <span class={`mark ${mark.mark}`}>{MARK_WORDS[mark.mark]}</span> {mark.message}
                  {mark.suggested !== undefined && (
                    <button type="button" onClick={() => void acts.label(mark.suggested as string)}>
                      Label {mark.suggested}
                    </button>
                  )}
                  {mark.other !== undefined && (
                    <button
                      type="button"
                      onClick={() => {
                        onClose();
                        studio.showPhotos({ title: "Photographs that are alike", ids: [id, mark.other as number] });
                      }}
                    >
                      Show both
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </aside>
      </div>
    </Dialog>
  );
}
