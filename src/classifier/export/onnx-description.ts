// What a program without thaw has to know about an exported ONNX file, as data that lies beside it: not every binding of ONNX Runtime reads a
// model's metadata, and onnxruntime-node and onnxruntime-web do not.

import type { ModelDescription } from "../format.ts";
import { type ModelSource, readModel } from "../read-model.ts";
import { meaningOf, NONE_ABOVE } from "../target-kinds.ts";

export interface OnnxDescription {
  /** "single": one class per image; "multi": any number of labels; "continuous": numbers. */
  readonly kind: "single" | "multi" | "continuous";
  /** Names in the order of the output's columns. */
  readonly classes: readonly string[];
  readonly architecture: string;
  /** RGB, or as many channels as the model has; "n", "height" and "width" may be any number. */
  readonly input: { readonly name: string; readonly type: "uint8"; readonly shape: readonly (string | number)[] };
  readonly output: { readonly name: string; readonly type: "float32"; readonly shape: readonly (string | number)[] };
  /** From this probability in [0, 1] on a label is present. */
  readonly threshold?: number;
  /** If no probability reaches this one in [0, 1], the image belongs to none of the classes. */
  readonly noneBelow?: number;
  /** A second output, [n], if the model tells by distance what is none of its classes: it is where a number is above this one. */
  readonly noneAbove?: { readonly name: string; readonly distance: number };
  /** What the graph itself does with the pixels; a program has nothing to do. */
  readonly preprocessing: ModelDescription["preprocessing"];
}

/** Describes what `exportOnnx` makes of the same model. Throws a UsageError for a folder that is not a model. */
export async function describeOnnx(source: ModelSource): Promise<OnnxDescription> {
  const { description } = await readModel(source);
  const { classes, architecture, preprocessing, target, calibration } = description;
  const { kind, answers } = meaningOf(description);
  return {
    kind,
    classes,
    architecture,
    input: { name: "pixels", type: "uint8", shape: ["n", "height", "width", preprocessing.mean.length] },
    output: { name: answers, type: "float32", shape: ["n", classes.length] },
    ...(target?.kind === "multi" && { threshold: target.threshold }),
    ...(kind === "single" && calibration?.noneBelow !== undefined && { noneBelow: calibration.noneBelow }),
    ...(kind === "single" && calibration?.known && { noneAbove: { name: "distance", distance: NONE_ABOVE } }),
    preprocessing,
  };
}
