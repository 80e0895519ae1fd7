// Which photographs a run learns from, and which it checks on.

import type { PhotoTable } from "./photo-table.ts";

/** The part of each class that is held out where the folder has no part of its own for validation. */
export const HELD_OUT = 0.2;

/** Whether the folders of the photographs divide them already; `parts` are those that they lie in. */
export function isDivided(parts: readonly string[]): boolean {
  return parts.includes("valid") && parts.includes("train");
}

/** How many photographs a run learns from if all have labels. */
export function learntFrom(table: PhotoTable): number {
  const parts = [...table.ids()].map((id) => table.placeOf(table.name(id)).part).filter((part) => part !== "test");
  return isDivided(parts) ? parts.filter((part) => part === "train").length : Math.round((1 - HELD_OUT) * parts.length);
}
