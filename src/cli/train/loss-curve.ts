// The training losses that are drawn beside an epoch's row.

import type { RecipeEvent } from "../../recipe/events.ts";

/** The losses of one epoch, and the largest of the stage's first epoch, which is the top of the scale of all its rows. */
export interface LossCurve {
  readonly losses: readonly number[];
  readonly top: number;
}

/** Collects the losses of a run: `see` every event after it was printed, and `curve` is what belongs beside the next epoch's row. */
export class LossCurves {
  #losses: number[] = [];
  #top = 0;
  #isFirst = true;

  get curve(): LossCurve {
    return { losses: this.#losses, top: this.#top };
  }

  see(event: RecipeEvent): void {
    if (event.event === "progress" && event.loss !== undefined) {
      this.#losses.push(event.loss);
      if (this.#isFirst && event.loss > this.#top) this.#top = event.loss;
    }
    if (event.event === "stage") {
      this.#isFirst = true;
      this.#top = 0;
    }
    if (event.event === "epoch") this.#isFirst = false;
    if (event.event === "stage" || event.event === "epoch") this.#losses = [];
  }
}
