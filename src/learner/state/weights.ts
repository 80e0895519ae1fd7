// The parameters of a learner, with what turns the network's outputs into answers. A calibration belongs to the parameters that it was fitted to.

import type { Calibration } from "../../classifier/format.ts";
import type { KnownClasses } from "../../classifier/known.ts";
import type { Parameters } from "../../nn/scope.ts";

export class Weights {
  /** The probability, in (0, 1), from which on a label is predicted if images may have several. */
  threshold: number;
  /** What is known of the classes, if the calibration has a limit for it. */
  known: KnownClasses | undefined;
  #calibration: Calibration | undefined;
  #parameters: Parameters;

  constructor(parameters: Parameters, threshold: number) {
    this.#parameters = parameters;
    this.threshold = threshold;
  }

  /** The temperature, and the thresholds for "none of these", that were fitted to the parameters. */
  get calibration(): Calibration | undefined {
    return this.#calibration;
  }

  /** Replaces the calibration, and drops what is known of the classes. */
  set calibration(calibration: Calibration | undefined) {
    this.#calibration = calibration;
    this.known = undefined;
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
