// One photograph of the grid: the picture, its marks, and its label or guess.

import { memo } from "preact/compat";
import type { MarkKind, Photograph, PhotoId } from "../../protocol/photographs.ts";
import { Picture } from "../parts/picture.tsx";

/** What marks are called on a picture. */
export const MARK_WORDS: Readonly<Record<MarkKind, string>> = {
  broken: "broken",
  copy: "copy",
  misnamed: "misnamed",
  odd: "odd",
  suspect: "suspect",
  outlier: "outlier",
  deleted: "deleted",
};

interface TileProps {
  readonly id: PhotoId;
  readonly row: Photograph | undefined;
  readonly place: number;
  readonly total: number;
  readonly selected: boolean;
  readonly focused: boolean;
  readonly scrolling: boolean;
}

export const tileId = (id: PhotoId): string => `photo-${id}`;

/** Drawn again only if something about it changed: while the grid scrolls, nothing about most of them does. */
export const Tile = memo(function Tile({ id, row, place, total, selected, focused, scrolling }: TileProps) {
  const marks = row ? marksOf(row) : [];
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays on the list, which names the photograph (aria-activedescendant).
    <div
      id={tileId(id)}
      role="option"
      class={`tile${focused ? " focused" : ""}${row?.deleted ? " gone" : ""}${row?.skipped ? " skipped" : ""}`}
      aria-selected={selected}
      aria-setsize={total}
      aria-posinset={place + 1}
      data-place={place}
      title={row?.name}
    >
      <span class="sr">{row ? `${row.name},` : "Loading"}</span>
      <span class="tile-picture">
        <Picture id={id} size="thumbnail" alt="" patient={scrolling} />
        {marks.length > 0 && (
          <span class="marks">
            {marks.map((mark) => (
              <span key={mark} class={`mark ${mark}`}>
                {mark}
              </span>
            ))}
          </span>
        )}
      </span>
      <span class="tile-label">{row && <LabelText row={row} />}</span>
    </div>
  );
});

function LabelText({ row }: { readonly row: Photograph }) {
  if (row.label !== undefined) return <span class="label">{row.label}</span>;
  if (row.guess)
    return (
      <span class="guess">
        <span class="guess-name">{row.guess.class}?</span>
        <span>{Math.floor(row.guess.probability * 100)} %</span>
      </span>
    );
  return <span class="unlabelled">–</span>;
}

function marksOf(row: Photograph): readonly string[] {
  const words = row.marks.map(({ mark }) => MARK_WORDS[mark]);
  return [...new Set([...words, ...(row.deleted ? ["deleted"] : []), ...(row.skipped ? ["skipped"] : [])])];
}
