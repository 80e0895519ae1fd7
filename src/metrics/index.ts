// Measures of predictions: pure functions over typed arrays of logits or probabilities and targets, defined as in scikit-learn.

export * from "./calibrate.ts";
export * from "./confusion.ts";
export * from "./counts.ts";
export * from "./curves.ts";
export * from "./known.ts";
export { accuracy, argmaxRows, crossEntropy } from "./losses.ts";
export * from "./multilabel.ts";
export * from "./probability.ts";
export * from "./ranking.ts";
export * from "./regression.ts";
