// The classifier layer's public API: what a product needs to use a trained model. It loads no training code.

export { UsageError } from "../core/errors.ts";
export { ImageError } from "../data/decode/image.ts";
export type { Device, SessionOptions } from "../runtime/engine.ts";
export { type Classifier, type FilePrediction, loadClassifier, loadModel, type Prediction } from "./classifier.ts";
export type { ModelDescription } from "./format.ts";
export type { FilesOptions, Picture, PictureFile } from "./model.ts";
export type { ModelFiles, ModelSource } from "./read-model.ts";
export { type FileValues, loadRegressor, type Regressor, type Values } from "./regressor.ts";
export { zipModel } from "./zip/zipped-model.ts";
