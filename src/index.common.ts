// What thaw exports on every platform; index.ts and index.browser.ts add what theirs has.

export { type Chart, loadCharts, type SaveChartOptions, type SvgDisplay } from "./chart/chart.ts";
export type { Theme } from "./chart/palette.ts";
export type { SkipOptions } from "./chart/shown.ts";
export { type Classifier, type FilePrediction, loadClassifier, loadModel, type Prediction } from "./classifier/classifier.ts";
export { exportOnnx } from "./classifier/export/onnx.ts";
export { describeOnnx, type OnnxDescription } from "./classifier/export/onnx-description.ts";
export { exportTransformers } from "./classifier/export/transformers.ts";
export type { ModelDescription } from "./classifier/format.ts";
export type { FilesOptions, Picture, PictureFile } from "./classifier/model.ts";
export type { ModelFiles, ModelSource } from "./classifier/read-model.ts";
export { type FileValues, loadRegressor, type Regressor, type Values } from "./classifier/regressor.ts";
export { zipModel } from "./classifier/zip/zipped-model.ts";
export { UsageError } from "./core/errors.ts";
export type { Progress, Warning, WorkOptions } from "./core/progress.ts";
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
} from "./data/augment/augmentations.ts";
export type { Interval } from "./data/augment/checks.ts";
export { type AugTransformsOptions, augTransforms, transformsBasic, transformsSideOn, transformsTopDown } from "./data/augment/presets.ts";
export {
  type Crop,
  type Statistics,
  type TransformOptions,
  type TransformSpec,
  type Transforms,
  tfmsFromModel,
  tfmsFromStats,
} from "./data/augment/transforms.ts";
export { type CheckOptions, checkFolder } from "./data/check/check.ts";
export type {
  BrokenImage,
  CheckedImage,
  CheckReport,
  ClassCount,
  Copies,
  MisnamedImage,
  OddImage,
} from "./data/check/report.ts";
export { classWeights, type Sampling } from "./data/dataset/sampling.ts";
export type { LabelArray, TargetKind } from "./data/dataset/targets.ts";
export type { PixelImage } from "./data/decode/image.ts";
export type { FileTree } from "./data/files/file-tree.ts";
export {
  type DataOptions,
  type FromArrayOptions,
  type FromArraysOptions,
  type FromCsvOptions,
  type FromFunctionOptions,
  type FromNamesOptions,
  type FromPathsOptions,
  ImageClassifierData,
} from "./data/image-data.ts";
export { cutMix, mixUp, mixUpOrCutMix, type SoftBatch } from "./data/mix.ts";
export {
  type AddressOptions,
  type LabelledAddress,
  type LabelledBlob,
  photosFromAddresses,
  photosFromBlobs,
  photosFromManifest,
} from "./data/photographs/labelled.ts";
export type { Border } from "./data/pixels/warp.ts";
export type { ArrayParts, ImageArray } from "./data/sources/arrays.ts";
export { type CvOptions, getCvIdxs } from "./data/sources/cross-validation.ts";
export type { LabelOf } from "./data/sources/lists.ts";
export type { LooseImages } from "./data/sources/loose-images.ts";
export { learningCurves, type StageHistory } from "./interpret/charts.ts";
export { type ClassReport, type ClassScores, classReportLines } from "./interpret/class-report.ts";
export {
  type DataProblemOptions,
  type DataProblems,
  findDataProblems,
  type NearDuplicate,
  type Outlier,
  type SuspectLabel,
} from "./interpret/data-problems.ts";
export { type HeatMap, type HeatMaps, openHeatMaps } from "./interpret/heat-maps.ts";
export { Interpretation, type InterpretationOptions, interpret } from "./interpret/interpretation.ts";
export type { ItemLoss } from "./interpret/item-losses.ts";
export type { Heat } from "./interpret/overlay.ts";
export type { Confused, PredictedImage } from "./interpret/picks.ts";
export { type ShowOptions, showBatch, showPredictions } from "./interpret/show.ts";
export type { ThresholdRow } from "./interpret/thresholds.ts";
export { type AveragingCallback, ema, swa } from "./learner/callbacks/averages.ts";
export { csvLogger } from "./learner/callbacks/csv-log.ts";
export { earlyStopping, type MonitorOptions, reduceOnPlateau, stopOnDivergence, stopOnNaN } from "./learner/callbacks/monitor.ts";
export type { Sched } from "./learner/callbacks/recorder.ts";
export type { DeviceChoice } from "./learner/device/choose-device.ts";
export type { DeviceName } from "./learner/device/resolve-device.ts";
export type {
  FineTuneOptions,
  FitFlatCosOptions,
  FitOneCycleOptions,
  FitOptions,
  TrainingOptions,
} from "./learner/fit/options.ts";
export { type CacheEntry, listActivations, removeActivations } from "./learner/frozen/cache/list.ts";
export type { MixOption, MixOptions } from "./learner/frozen/mixing.ts";
export type { Precision, PrecisionChoice } from "./learner/frozen/precision.ts";
export { ConvLearner, type LearnerOptions, type LoadOptions } from "./learner/learner.ts";
export type { Callback, CallbackState, FitState } from "./learner/loop/callback.ts";
export type { EpochResult, IsBetter, SwaResult } from "./learner/loop/epoch-result.ts";
export type { LrFinderResult } from "./learner/lr-find/finder.ts";
export type { Finder2Options, FinderOptions } from "./learner/lr-find/options.ts";
export type { SuggestionRule, Suggestions } from "./learner/lr-find/suggest.ts";
export type { OnnxLearnerOptions } from "./learner/models/onnx.ts";
export { inspectOnnx, type OnnxSummary, type ReadOnnxOptions, readOnnx } from "./learner/models/onnx-file.ts";
export { loadCycle, loadSnapshot } from "./learner/models/snapshot.ts";
export type { PredictOptions, TtaOptions } from "./learner/predict/predict.ts";
export type { EnsemblePredictions, PlainPredictions, Predictions, TtaPredictions, ViewWeight } from "./learner/predict/predictions.ts";
export type { Calibrated, CalibrateOptions } from "./learner/predict/temperature.ts";
export { fitLinear, type LinearModel, type LinearOptions, predictLinear, type StrengthLoss } from "./learner/probe/fit-linear.ts";
export type { LinearProbe, LinearProbeOptions } from "./learner/probe/linear-probe.ts";
export type { LinearTarget } from "./learner/probe/objective.ts";
export { type GroupValues, type Slice, slice } from "./learner/schedules/group-values.ts";
export type { ClrBetaOptions, ClrOptions, FlatCosOptions, OneCycleOptions } from "./learner/schedules/one-cycle.ts";
export { type Decay, DecayType, type Ramp, type TrainingPhase } from "./learner/schedules/phases.ts";
export type { DecayPlace, WeightDecayOptions } from "./learner/schedules/weight-decay.ts";
export { adam, adamW, decoupled, type Optimizer, rmsProp, sgd } from "./learner/step/optimizer.ts";
export type { LayerSummary } from "./learner/summary.ts";
export type { Measured, Metric } from "./learner/task/measured.ts";
export type { Metrics, RegressionLoss } from "./learner/task/task.ts";
export * as metrics from "./metrics/index.ts";
export { convNextBase, convNextSmall, convNextTiny } from "./nn/architectures/convnext.ts";
export { densenet121, densenet161, densenet169, densenet201 } from "./nn/architectures/densenet.ts";
export { efficientNetB0, efficientNetB1, efficientNetB2, efficientNetB3 } from "./nn/architectures/efficientnet.ts";
export { efficientNetLite0, tfEfficientNetLite0, tfEfficientNetLite1, tfEfficientNetLite2 } from "./nn/architectures/efficientnet-lite.ts";
export { hgNetV2B0, hgNetV2B2, hgNetV2B4 } from "./nn/architectures/hgnet-v2.ts";
export { inceptionResNetV2 } from "./nn/architectures/inception-resnet-v2.ts";
export { inceptionV4 } from "./nn/architectures/inception-v4.ts";
export { levit256 } from "./nn/architectures/levit.ts";
export { mobileNetV2 } from "./nn/architectures/mobilenet-v2.ts";
export { mobileNetV3Large } from "./nn/architectures/mobilenet-v3.ts";
export { mobileNetV4ConvSmall, mobileNetV4HybridMedium } from "./nn/architectures/mobilenet-v4.ts";
export { nasNetALarge } from "./nn/architectures/nasnet.ts";
export {
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50x32x4d,
  resnext101x32x4d,
  resnext101x64x4d,
  wideResnet50x2,
} from "./nn/architectures/resnet.ts";
export { squeezeNet11 } from "./nn/architectures/squeezenet.ts";
export { thawSmall } from "./nn/architectures/thaw-small.ts";
export { tinyVit21m } from "./nn/architectures/tiny-vit.ts";
export { vgg16, vgg19 } from "./nn/architectures/vgg.ts";
export { vitBase, vitBaseDinoV2, vitSmall, vitSmallDinoV2 } from "./nn/architectures/vision-transformer.ts";
export { architectureOf, architectures } from "./nn/catalogue.ts";
export type { HeadLayer } from "./nn/custom-head.ts";
export { defaultWeights, type PublishedWeights, publishedWeights } from "./nn/published/published.ts";
export type { Architecture } from "./nn/scope.ts";
export type { DoneEvent, RecipeEvent, RunResult, SavedEvent, StageName, StagePlace, StageSummary, StoppedEvent } from "./recipe/events.ts";
export { readRecipe } from "./recipe/file/recipe-file.ts";
export type { Recipe } from "./recipe/file/schema.ts";
export { type RunRecord, readRecord } from "./recipe/record/record.ts";
export { readReport, writeReport } from "./recipe/record/report.ts";
export { type RecipeChoices, type TrainOptions, train } from "./recipe/train.ts";
export type { Device, SessionOptions } from "./runtime/engine.ts";
