// Which photographs are selected, and which one has the keyboard's focus. Positions are places in the list that is shown.

import { computed, signal } from "@preact/signals";
import type { PhotoId } from "../../protocol/photographs.ts";

export class Selection {
  readonly #ids: () => readonly PhotoId[];
  readonly focus = signal(0);
  readonly selected = signal<ReadonlySet<PhotoId>>(new Set());
  /** Where a range begins. */
  #anchor = 0;
  readonly count = computed(() => this.selected.value.size);

  constructor(ids: () => readonly PhotoId[]) {
    this.#ids = ids;
  }

  get focused(): PhotoId | undefined {
    return this.#ids()[this.focus.value];
  }

  /** What an act is about: the selected photographs in the order of the list, else the focused one. */
  get targets(): readonly PhotoId[] {
    const { value: selected } = this.selected;
    if (selected.size === 0) return this.focused === undefined ? [] : [this.focused];
    if (selected.size === 1) return [...selected];
    return this.#ids().filter((id) => selected.has(id));
  }

  /** Moves the focus: alone, with a range from where it was, or keeping what is selected. */
  moveTo(place: number, how: "alone" | "range" | "keep" = "alone"): void {
    const ids = this.#ids();
    if (ids.length === 0) return;
    const to = Math.max(0, Math.min(ids.length - 1, place));
    this.focus.value = to;
    if (how === "keep") return;
    if (how === "alone") {
      this.#anchor = to;
      this.selected.value = new Set([ids[to] as PhotoId]);
    } else this.selected.value = new Set(ids.slice(Math.min(this.#anchor, to), Math.max(this.#anchor, to) + 1));
  }

  toggle(place: number): void {
    const id = this.#ids()[place];
    if (id === undefined) return;
    const selected = new Set(this.selected.value);
    if (!selected.delete(id)) selected.add(id);
    this.selected.value = selected;
    this.focus.value = place;
    this.#anchor = place;
  }

  all(): void {
    this.selected.value = new Set(this.#ids());
  }

  clear(): void {
    this.selected.value = new Set();
    this.#anchor = this.focus.value;
  }

  /** For another list: nothing is selected, and the first photograph has the focus. */
  reset(): void {
    this.focus.value = 0;
    this.clear();
  }
}
