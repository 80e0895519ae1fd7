// Steps grouped so that each pixel is interpolated as rarely as their order allows: movements in a row become one map. A new stage begins
// where movements follow a change of some pixels (blur, squares), or where the border changes.

import { backwards, canvasAfter, compose, IDENTITY, type Projection } from "./geometry.ts";
import type { Border } from "./specs.ts";
import { type ColourStep, isLocal, isMove, type LocalStep, type Move, type Step } from "./steps.ts";

/** One map, then changes of colour, then at most one change of some pixels. */
export interface Stage {
  readonly map: Projection;
  readonly border: Border;
  /** The canvas that the map reads. */
  readonly width: number;
  readonly height: number;
  /** The canvas that it makes. */
  readonly toWidth: number;
  readonly toHeight: number;
  readonly colours: readonly ColourStep[];
  readonly local: LocalStep | undefined;
}

interface Run {
  moves: Move[];
  border: Border | undefined;
  colours: ColourStep[];
  local: LocalStep | undefined;
}

/**
 * The stages of `steps` on a canvas of `width` by `height`. What a stage's movements uncover is filled once, from the picture at its start;
 * changes of colour wait until the movements after them are done, because they are the same there and cost less.
 */
export function stagesOf(steps: readonly Step[], width: number, height: number): readonly Stage[] {
  const runs: Run[] = [newRun()];
  for (const step of steps) {
    let run = runs.at(-1)!;
    if (isMove(step) ? !mayMove(run, step) : run.local) {
      run = newRun();
      runs.push(run);
    }
    if (isMove(step)) {
      run.moves.push(step);
      run.border ??= borderOf(step);
    } else if (isLocal(step)) run.local = step;
    else run.colours.push(step);
  }
  let canvas: readonly [number, number] = [width, height];
  return runs.map(({ moves, border, colours, local }) => {
    const before = canvas;
    let map = IDENTITY;
    for (const move of moves) {
      map = compose(map, backwards(move, canvas[0], canvas[1]));
      canvas = canvasAfter(move, canvas[0], canvas[1]);
    }
    return {
      map,
      border: border ?? "reflect",
      width: before[0],
      height: before[1],
      toWidth: canvas[0],
      toHeight: canvas[1],
      colours,
      local,
    };
  });
}

const newRun = (): Run => ({ moves: [], border: undefined, colours: [], local: undefined });

function borderOf(move: Move): Border | undefined {
  return "border" in move ? move.border : undefined;
}

function mayMove(run: Run, move: Move): boolean {
  const border = borderOf(move);
  if (run.local || (run.border && border && run.border !== border)) return false;
  // Black that comes in after a change of light must stay black.
  return !(border === "zero" && run.colours.length > 0);
}
