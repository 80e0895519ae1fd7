// The data layer's public API: read folders of photographs, describe transforms, and go through images in batches.

export type { ArrayParts, ImageArray } from "./arrays.ts";
export { type CheckOptions, checkFolder } from "./check/check.ts";
export * from "./check/report.ts";
export { type CvOptions, getCvIdxs } from "./cross-validation.ts";
export { type CsvOptions, readCsv } from "./csv.ts";
export { type FolderOptions, type Folders, readFolders } from "./folders.ts";
export { ImageError, type RgbImage } from "./image.ts";
export {
  type DataOptions,
  type FromArrayOptions,
  type FromArraysOptions,
  type FromCsvOptions,
  type FromFunctionOptions,
  type FromNamesOptions,
  type FromPathsOptions,
  ImageClassifierData,
  type Part,
  type PassOptions,
} from "./image-data.ts";
export type { Item } from "./items.ts";
export { loadImage } from "./load-image.ts";
export { type Batch, batchesOf, type FailedItem, type LoadOptions, loadBatches } from "./loader.ts";
export { cutMix, mixUp, mixUpOrCutMix, type SoftBatch } from "./mix.ts";
export { closePool } from "./pool.ts";
export { type Box, resize } from "./resample.ts";
export { type ResizedItem, type ResizeSummary, resizeFolder, resizeItems } from "./resize.ts";
export { drawSample, type Sample, type SampleOptions } from "./sample/sample.ts";
export { balancedOrder, classWeights, type Sampling, sampledOrder, weightedOrder } from "./sampling.ts";
export { type ScannedItem, scanItems } from "./scan.ts";
export { type LabelOf, labelByPattern, type Source, type SourceOptions } from "./source.ts";
export type { LabelArray, Target, TargetKind, TargetOptions } from "./targets.ts";
export * from "./transforms.ts";
