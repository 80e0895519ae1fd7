// The options of the learning-rate finder. Their names are fastai's.

import type { WorkOptions } from "../../core/progress.ts";
import type { GroupValues } from "../schedules/group-values.ts";

export interface FinderOptions extends WorkOptions {
  /** Default 1e-5. */
  startLr?: number;
  /** Default 10. */
  endLr?: number;
  /** Default one epoch's steps, at least 100, repeating small sets. */
  steps?: number;
  /** Images in a batch; default the data's. */
  bs?: number;
  /** Rates of the layer groups in relation to the last one's; default all equal. */
  ratios?: GroupValues;
  /** The rate rises by a constant amount per batch instead of a constant factor; default false. */
  linear?: boolean;
  /** Weight decay; default 0. */
  wds?: GroupValues;
}

export interface Finder2Options extends FinderOptions {
  /** Ends the search if the loss explodes; default true. */
  stopDv?: boolean;
}
