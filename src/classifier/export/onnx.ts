// A saved model as one ONNX file that needs only ONNX Runtime: from pixels of any size to probabilities, batch norm folded, all names inside.

import { GraphBuilder } from "../../graph/builder.ts";
import { foldIntoProducts } from "../../graph/fold.ts";
import { encodeModel } from "../../graph/model.ts";
import type { Graph, Value } from "../../graph/types.ts";
import type { ModelDescription } from "../format.ts";
import { inferenceGraph } from "../inference.ts";
import { networkStages } from "../network-stages.ts";
import { normalizePlanes } from "../preprocess.ts";
import { type ModelSource, readModel } from "../read-model.ts";
import { pixelPipeline } from "./pipeline.ts";

/**
 * The bytes of an ONNX model (opset 20) from "pixels", uint8 [batch, height, width, channels] (RGB), to "probabilities" [batch, classes], by the model's
 * calibration, or to "values" [batch, columns] for a model of numbers, in their own units. Its metadata holds "kind", "classes" (a JSON list),
 * and "threshold" or "none_below" if the model has one. Throws a UsageError for a folder that is not a model, and for preprocessing that cannot be exported.
 */
export async function exportOnnx(source: ModelSource): Promise<Uint8Array> {
  const { description, architecture, parameters } = await readModel(source);
  const { classes, preprocessing, head } = description;
  const { size, mean } = preprocessing;
  const network = inferenceGraph({
    stages: networkStages(architecture, head, classes.length),
    parameters,
    inputType: "uint8",
    inputShape: ["batch", mean.length, size, size],
    prepare: (builder, planes) => normalizePlanes(builder, planes, preprocessing),
  });
  const builder = GraphBuilder.from(foldIntoProducts(network));
  const answers = answersOf(builder, builder.value("output"), description);
  const graph = builder.build({ [description.target?.kind === "continuous" ? "values" : "probabilities"]: answers });
  const pipeline = pixelPipeline(preprocessing, "pixels", "input");
  const whole: Graph = {
    ...graph,
    inputs: [{ name: "pixels", type: "uint8", shape: ["batch", "height", "width", mean.length] }],
    nodes: [...pipeline.nodes, ...graph.nodes],
    constants: new Map([...pipeline.constants, ...graph.constants]),
  };
  return encodeModel(whole, metadataOf(description));
}

/** The output of the network for people: probabilities, or numbers in their own units. */
function answersOf(graph: GraphBuilder, outputs: Value, { target, calibration }: ModelDescription): Value {
  if (target?.kind === "continuous") {
    const row = (values: readonly number[]): Value =>
      graph.constant({ type: "float32", shape: [1, values.length], data: Float32Array.from(values) });
    return graph.add("Add", [graph.add("Mul", [outputs, row(target.std)]), row(target.mean)]);
  }
  const logits = calibration ? graph.add("Div", [outputs, graph.scalar(calibration.temperature)]) : outputs;
  return target?.kind === "multi" ? graph.add("Sigmoid", [logits]) : graph.add("Softmax", [logits], { axis: 1 });
}

function metadataOf({ classes, target, calibration, architecture }: ModelDescription): Readonly<Record<string, string>> {
  return {
    kind: target?.kind ?? "single",
    classes: JSON.stringify(classes),
    architecture,
    ...(target?.kind === "multi" && { threshold: `${target.threshold}` }),
    ...(calibration?.noneBelow !== undefined && { none_below: `${calibration.noneBelow}` }),
  };
}
