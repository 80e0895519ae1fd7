// Steps grouped into as few passes over the pixels as their order allows, so that each pixel is interpolated as rarely as possible:
// consecutive movements become one map. A new pass begins if movements follow a local change (blur, squares), or if the border changes.

import { compose, IDENTITY, type Projection } from "../pixels/projection.ts";
import type { Border } from "../pixels/warp.ts";
import type { CanvasSize } from "./step.ts";
import { type ColourStep, canvasAfter, isLocal, isMove, type LocalStep, type Move, mapOf, type Step } from "./steps.ts";

/** One map, then changes of colour, then at most one local change. */
export interface RenderPass {
  readonly map: Projection;
  readonly border: Border;
  /** The canvas that the map reads. */
  readonly before: CanvasSize;
  /** The canvas that it makes. */
  readonly after: CanvasSize;
  readonly colours: readonly ColourStep[];
  readonly local: LocalStep | undefined;
}

interface Group {
  moves: Move[];
  border: Border | undefined;
  colours: ColourStep[];
  local: LocalStep | undefined;
}

/**
 * The passes that apply `steps` to a canvas of `width` by `height`. What the movements of a pass uncover is filled once, from the picture at
 * its start; changes of colour wait until the movements after them are done, because the result is the same and costs less.
 */
export function renderPasses(steps: readonly Step[], width: number, height: number): readonly RenderPass[] {
  let canvas: CanvasSize = { width, height };
  return grouped(steps).map(({ moves, border, colours, local }) => {
    const before = canvas;
    let map = IDENTITY;
    for (const move of moves) {
      map = compose(map, mapOf(move, canvas));
      canvas = canvasAfter(move, canvas);
    }
    return { map, border: border ?? "reflect", before, after: canvas, colours, local };
  });
}

function grouped(steps: readonly Step[]): readonly Group[] {
  const groups: Group[] = [newGroup()];
  for (const step of steps) {
    let group = groups.at(-1)!;
    if (isMove(step) ? !canAdd(group, step) : group.local) {
      group = newGroup();
      groups.push(group);
    }
    if (isMove(step)) {
      group.moves.push(step);
      group.border ??= borderOf(step);
    } else if (isLocal(step)) group.local = step;
    else group.colours.push(step);
  }
  return groups;
}

const newGroup = (): Group => ({ moves: [], border: undefined, colours: [], local: undefined });

function borderOf(move: Move): Border | undefined {
  return "border" in move ? move.border : undefined;
}

function canAdd(group: Group, move: Move): boolean {
  const border = borderOf(move);
  if (group.local || (group.border && border && group.border !== border)) return false;
  // Black that comes in after a change of light must stay black.
  return !(border === "zero" && group.colours.length > 0);
}
