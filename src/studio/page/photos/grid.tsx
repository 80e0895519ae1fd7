// The grid of photographs: a listbox whose rows are drawn only while they are in sight. The focus stays on the list itself, which names the
// photograph that it is on, so that nothing is lost when a row leaves the page.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PhotoId } from "../../protocol/photographs.ts";
import { useStudio } from "../model/studio.ts";
import { commandOf, type GridCommand } from "./grid-keys.ts";
import type { LabelActs } from "./label-acts.ts";
import { Tile, tileId } from "./tile.tsx";
import { useVirtualizer } from "./use-virtualizer.ts";

/** Pixels: between tiles, around them, and of the line below a picture. */
const [GAP, EDGE, LINE] = [8, 12, 24];

interface GridProps {
  /** Width and height of a thumbnail, in pixels. */
  readonly size: number;
  readonly acts: LabelActs;
  readonly onOpen: () => void;
  readonly onType: (text: string) => void;
  readonly onSize: (step: 1 | -1) => void;
}

export function Grid({ size, acts, onOpen, onType, onSize }: GridProps) {
  const { photos, selection, rows, classKeys } = useStudio();
  const list = useRef<HTMLDivElement>(null);
  const picking = useRef(false);
  const [width, setWidth] = useState(0);
  const ids = photos.ids.value;
  const columns = Math.max(1, Math.floor((width - 2 * EDGE + GAP) / (size + GAP)));
  const tile = width === 0 ? size : Math.floor((width - 2 * EDGE - GAP * (columns - 1)) / columns);
  const virtualizer = useVirtualizer({
    count: width === 0 ? 0 : Math.ceil(ids.length / columns),
    getScrollElement: () => list.current,
    estimateSize: () => tile + LINE + GAP,
    overscan: 2,
    paddingStart: EDGE,
    paddingEnd: EDGE,
    scrollPaddingStart: EDGE,
    scrollPaddingEnd: EDGE,
  });
  const focus = selection.focus.value;
  const selected = selection.selected.value;
  // Drawn again when rows arrive.
  rows.arrivals.value;

  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(list.current?.clientWidth ?? 0));
    if (list.current) observer.observe(list.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => virtualizer.measure(), [tile]);
  useLayoutEffect(() => {
    if (width > 0 && ids.length > 0) virtualizer.scrollToIndex(Math.floor(focus / columns), { align: "auto" });
  }, [focus, columns, ids]);

  const rowOf = (place: number): readonly PhotoId[] => {
    const first = Math.floor(place / columns) * columns;
    return ids.slice(first, first + columns);
  };
  const run = (command: GridCommand): void => {
    switch (command.do) {
      case "move":
        selection.moveTo(target(command.by), command.range ? "range" : "alone");
        break;
      case "label":
        void acts.label(command.class);
        break;
      case "unlabel":
        void acts.label(null);
        break;
      case "skip":
        void acts.skip();
        break;
      case "delete":
        void acts.delete();
        break;
      case "accept":
        void acts.accept(rowOf(selection.focus.value));
        break;
      case "type":
        onType(command.text);
        break;
      case "open":
        onOpen();
        break;
      case "toggle":
        selection.toggle(selection.focus.value);
        break;
      case "all":
        selection.all();
        break;
      case "clear":
        selection.clear();
        break;
      case "refresh":
        void photos.refresh();
        break;
      case "larger":
        onSize(1);
        break;
      case "smaller":
        onSize(-1);
    }
  };
  const target = (by: Extract<GridCommand, { do: "move" }>["by"]): number => {
    const page = columns * Math.max(1, Math.floor((list.current?.clientHeight ?? 0) / (tile + LINE + GAP)));
    const from = selection.focus.value;
    const steps = { left: -1, right: 1, up: -columns, down: columns, pageUp: -page, pageDown: page };
    if (by === "first") return 0;
    return by === "last" ? ids.length - 1 : from + steps[by];
  };

  // A button that was pressed may be gone by now, and the focus with it: the keys are the grid's then.
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.target !== document.body || document.querySelector("dialog[open]")) return;
      const command = commandOf(event, classKeys.value);
      if (!command) return;
      event.preventDefault();
      list.current?.focus();
      run(command);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });

  const focused = ids[focus];
  return (
    <div
      ref={list}
      class="grid"
      role="listbox"
      aria-label="Photographs"
      aria-multiselectable
      aria-busy={photos.loading.value}
      aria-activedescendant={focused === undefined ? undefined : tileId(focused)}
      tabIndex={0}
      onKeyDown={(event) => {
        const command = commandOf(event, classKeys.value);
        if (!command) return;
        event.preventDefault();
        run(command);
      }}
      onClick={(event) => {
        const place = placeOf(event.target);
        if (place === undefined) return;
        if (selection.count.value === 0) picking.current = false;
        if (event.ctrlKey || event.metaKey || picking.current) selection.toggle(place);
        else selection.moveTo(place, event.shiftKey ? "range" : "alone");
      }}
      onContextMenu={(event) => {
        // A finger that stays begins to pick; each tap then picks one more, or one less.
        const place = placeOf(event.target);
        if (place === undefined || !(event instanceof PointerEvent) || event.pointerType !== "touch") return;
        event.preventDefault();
        picking.current = true;
        selection.toggle(place);
      }}
      onDblClick={(event) => placeOf(event.target) !== undefined && onOpen()}
    >
      <div role="none" class="grid-rows" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            role="none"
            class="grid-row"
            style={{
              transform: `translateY(${start}px)`,
              gridTemplateColumns: `repeat(${columns}, ${tile}px)`,
              height: `${tile + LINE}px`,
            }}
          >
            {rowOf(index * columns).map((id, i) => (
              <Tile
                key={id}
                id={id}
                row={rows.get(id)}
                place={index * columns + i}
                total={ids.length}
                selected={selected.has(id)}
                focused={index * columns + i === focus}
                scrolling={virtualizer.isScrolling}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function placeOf(target: EventTarget | null): number | undefined {
  const place = (target as Element | null)?.closest<HTMLElement>("[data-place]")?.dataset.place;
  return place === undefined ? undefined : Number(place);
}
