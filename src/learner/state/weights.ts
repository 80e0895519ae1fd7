// The parameters of a learner, with what turns the network's outputs into answers. A calibration belongs to the parameters that it was fitted to.

import type { Calibration } from "../../classifier/format.ts";
import type { Parameters } from "../../nn/scope.ts";

export class Weights {
  /** The probability, in (0, 1), from which on a label is predicted if images may have several. */
  threshold: number;
  /** The temperature, and the threshold for "none of these", that were fitted to the parameters. */
  calibration: Calibration | undefined;
  #parameters: Parameters;

  constructor(parameters: Parameters, threshold: number) {
    this.#parameters = parameters;
    this.threshold = threshold;
  }

  get parameters(): Parameters {
    return this.#parameters;
  }

  /** Replaces the parameters, and drops the calibration. */
  set parameters(parameters: Parameters) {
    this.#parameters = parameters;
    this.calibration = undefined;
  }
}
