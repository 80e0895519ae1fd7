// The data layer's public API: read folders of photographs, describe transforms, and go through images in batches.

export {
  type AugmentSpec,
  addPadding,
  cutout,
  type Fill,
  randAugment,
  randomBlur,
  randomBrightness,
  randomContrast,
  randomDihedral,
  randomErasing,
  randomFlip,
  randomHue,
  randomLighting,
  randomPerspective,
  randomRotate,
  randomRotateZoom,
  randomSaturation,
  randomStretch,
  randomZoom,
  trivialAugment,
} from "./augment/augmentations.ts";
export type { Interval } from "./augment/checks.ts";
export * from "./augment/presets.ts";
export * from "./augment/transforms.ts";
export { type CheckOptions, checkFolder } from "./check/check.ts";
export * from "./check/report.ts";
export type { ImageDataset, ListedDataset, Part } from "./dataset/dataset.ts";
export type { ImageFacts, Item, ScannedItem } from "./dataset/items.ts";
export { balancedOrder, classWeights, type Sampling, sampledOrder, weightedOrder } from "./dataset/sampling.ts";
export type { LabelArray, Target, TargetKind, TargetOptions } from "./dataset/targets.ts";
export { ImageError, type RgbImage } from "./decode/image.ts";
export type { FileTree } from "./files/file-tree.ts";
export {
  type DataOptions,
  type FromArrayOptions,
  type FromArraysOptions,
  type FromCsvOptions,
  type FromFunctionOptions,
  type FromNamesOptions,
  type FromPathsOptions,
  ImageClassifierData,
  type PassOptions,
} from "./image-data.ts";
export { loadImage } from "./load/load-image.ts";
export { type Batch, batchesOf, closePool, type FailedItem, type LoadBatchesOptions, loadBatches } from "./load/loader.ts";
export { scanItems } from "./load/scan.ts";
export { cutMix, mixUp, mixUpOrCutMix, type SoftBatch } from "./mix.ts";
export {
  type AddressOptions,
  type LabelledAddress,
  type LabelledBlob,
  photosFromAddresses,
  photosFromBlobs,
  photosFromManifest,
} from "./photographs/labelled.ts";
export type { Box } from "./pixels/box.ts";
export { resize } from "./pixels/resample.ts";
export type { Border } from "./pixels/warp.ts";
export type { ResizedItem } from "./resize/copies.ts";
export { type ResizeSummary, resizeFolder, resizeItems } from "./resize/resize.ts";
export type { ArrayParts, ImageArray } from "./sources/arrays.ts";
export { type CvOptions, getCvIdxs } from "./sources/cross-validation.ts";
export { type CsvOptions, readCsv } from "./sources/csv.ts";
export { type FolderOptions, type Folders, readFolders } from "./sources/folders.ts";
export { type LabelOf, type ListOptions, labelByPattern } from "./sources/lists.ts";
