// Reads an ONNX classifier for the data that it will be trained on.

import { expected, UsageError } from "../../core/errors.ts";
import { fileName } from "../../core/file-name.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import type { OnnxOptions } from "../../nn/onnx/import.ts";
import { type Architecture, describeParameters } from "../../nn/scope.ts";
import type { LearnerOptions } from "../learner-options.ts";
import { readOnnx } from "./onnx-file.ts";

export type OnnxLearnerOptions = Omit<LearnerOptions, "weights"> & OnnxOptions;

/** Reads `file` for `data`. Also throws a UsageError if the network does not take images of the data's size, or if `mean` and `std` are not the data's. */
export async function readOnnxFor(file: string, data: ImageClassifierData, options: OnnxLearnerOptions): Promise<Architecture> {
  const { mean, std } = rgbStatistics(data);
  for (const name of ["mean", "std"] as const) {
    const [given, used] = [options[name], { mean, std }[name]];
    if (given && given.join() !== used.join())
      throw expected(`the data's [${used}]`, name, `[${given}]`, "Make the data with tfmsFromModel of the network that readOnnx gives.");
  }
  const { onWarning } = options;
  const network = await readOnnx(file, { ...options, mean, std, onWarning });
  if (!options.mean || !options.std)
    onWarning?.({
      message: `${fileName(file)} does not say how its images were normalised; the data's mean [${mean}] and deviation [${std}] are taken`,
      hint: "Make the data with other ones if the network was trained otherwise.",
    });
  try {
    describeParameters(network.body, [1, 3, data.size, data.size]);
  } catch (error) {
    throw new UsageError(
      `${fileName(file)} does not take images of ${data.size} pixels: ${error instanceof Error ? error.message : error}`,
      `Make the data at ${network.size} pixels, or export the model for ${data.size}.`,
      { cause: error },
    );
  }
  return network;
}

function rgbStatistics({ tfms: { mean, std }, channels }: ImageClassifierData): Pick<Architecture, "mean" | "std"> {
  if (channels !== 3)
    throw expected("RGB images", "a network read from ONNX", `${channels} channels`, "Networks of the catalogue take other channels.");
  return { mean: mean as Architecture["mean"], std: std as Architecture["std"] };
}
