// The networks that work can begin with if none is named, and what they were measured to give and to take. The numbers are the means of
// bench/results/networks/avx2.csv; a test compares them.

/** A network with its row of weights in the catalogue. */
export interface MeasuredNetwork {
  /** Name of the row. */
  readonly weights: string;
  /** Accuracy in [0, 1] of a linear classifier of its features: the mean over all sets of photographs. */
  readonly accuracy: number;
  /** Processor seconds that the features of 2,000 photographs took in full precision at the network's own size. */
  readonly seconds: number;
  /** Size of the file in megabytes; 0 for weights that ship with thaw. */
  readonly megabytes: number;
  /** True if other weights of the network were measured: then it is taken where it is, but not downloaded. */
  readonly isEstimate?: boolean;
}

/** Sets of photographs that the accuracies are means of. */
export const MEASURED_SETS = 6;

/** Photographs that the seconds are for. */
export const MEASURED_PHOTOGRAPHS = 2000;

export const measuredNetworks: readonly MeasuredNetwork[] = [
  { weights: "thaw_small", accuracy: 0.856, seconds: 11, megabytes: 0 },
  { weights: "mobilenetv2_100.ra_in1k", accuracy: 0.908, seconds: 24, megabytes: 14.2, isEstimate: true },
  { weights: "tf_efficientnet_lite0.in1k", accuracy: 0.926, seconds: 29, megabytes: 18.8 },
];
