// Exports a saved model as a folder for transformers.js's image-classification pipeline: the network in ONNX, and its settings.

import { UsageError } from "../../core/errors.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { foldIntoProducts } from "../../graph/fold.ts";
import { encodeModel } from "../../graph/model.ts";
import { inferenceGraph } from "../inference.ts";
import { networkStages } from "../network-stages.ts";
import { type ModelSource, readModel } from "../read-model.ts";

/**
 * The files by their paths in the folder: config.json, preprocessor_config.json and onnx/model.onnx, from "pixel_values" [batch, 3, size,
 * size] to "logits" [batch, classes], already divided by the temperature. The pipeline knows no "none of these": a distance that the model
 * tells it by is left out. Throws a UsageError for what the pipeline does not support: a
 * model of several labels or numbers, with a border, or with channels other than RGB.
 */
export async function exportTransformers(source: ModelSource): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const { description, architecture, parameters } = await readModel(source);
  const { classes, preprocessing, head, target, calibration } = description;
  const { size, crop, pad, mean, std } = preprocessing;
  if (target)
    throw new UsageError(
      `The image-classification pipeline supports only one class per image, and this model is of the kind "${target.kind}"`,
      "Export it with --format onnx.",
    );
  if (pad > 0) throw new UsageError("The pipeline does not support borders, and this model has one", "Export it with --format onnx.");
  if (mean.length !== 3)
    throw new UsageError(
      `The pipeline supports only RGB pictures, and this model is for ${mean.length} channel${mean.length === 1 ? "" : "s"}`,
      "Export it with --format onnx.",
    );
  const network = inferenceGraph({
    stages: networkStages(architecture, head, classes.length),
    parameters,
    inputName: "pixel_values",
    inputType: "float32",
    inputShape: ["batch", 3, size, size],
  });
  const builder = GraphBuilder.from(foldIntoProducts(network));
  const outputs = builder.value("output");
  const logits = builder.add("Div", [outputs, builder.scalar(calibration?.temperature ?? 1)]);
  const id2label = Object.fromEntries(classes.entries());
  const label2id = Object.fromEntries(classes.map((name, i) => [name, i]));
  const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
  return new Map<string, string | Uint8Array>([
    // The pipeline requires a known type of network; it runs all of them alike, from pixel_values to logits.
    ["config.json", json({ model_type: "vit", architectures: ["ViTForImageClassification"], id2label, label2id })],
    [
      "preprocessor_config.json",
      json({
        image_processor_type: "ViTFeatureExtractor",
        do_convert_rgb: true,
        do_resize: true,
        size: crop === "none" ? { width: size, height: size } : { shortest_edge: size },
        resample: 2,
        do_center_crop: crop === "center",
        crop_size: { width: size, height: size },
        do_rescale: true,
        rescale_factor: 1 / 255,
        do_normalize: true,
        image_mean: mean,
        image_std: std,
      }),
    ],
    ["onnx/model.onnx", encodeModel(builder.build({ logits }))],
  ]);
}
