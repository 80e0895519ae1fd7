// The graph layer's public API: build, differentiate, rewrite, write and read ONNX graphs.

export { backward, differentiate } from "./backward.ts";
export { GraphBuilder } from "./builder.ts";
export { type Cost, costOf } from "./cost.ts";
export { foldBatchNorm } from "./fold.ts";
export { binaryCrossEntropy, l1, softmaxCrossEntropy } from "./losses.ts";
export { type Kernels, lower } from "./lower.ts";
export { decodeModel, encodeModel, OPSET } from "./model.ts";
export { quantizableValues, quantize, type ValueRange, type ValueStatistics } from "./quantize.ts";
export * from "./types.ts";
