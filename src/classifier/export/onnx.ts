// Exports a saved model as one ONNX file that needs only ONNX Runtime: from pixels of any size to probabilities, with batch norm folded and
// the class names inside.

import { GraphBuilder } from "../../graph/builder.ts";
import { foldIntoProducts } from "../../graph/fold.ts";
import { encodeModel } from "../../graph/model.ts";
import type { Graph, Value } from "../../graph/types.ts";
import type { ModelDescription } from "../format.ts";
import { inferenceGraph } from "../inference.ts";
import { networkStages } from "../network-stages.ts";
import { normalizePlanes } from "../preprocess.ts";
import { type ModelSource, readModel } from "../read-model.ts";
import { meaningOf } from "../target-kinds.ts";
import { pixelPipeline } from "./pipeline.ts";

/**
 * The bytes of an ONNX model (opset 20) from "pixels", uint8 [batch, height, width, channels] (RGB), to "probabilities" [batch, classes],
 * calibrated as the model, or, for a regressor, to "values" [batch, columns] in the units of the data. If the model may answer none of its
 * classes by distance, there is a second output, "distance" [batch], in units of the limit. Its metadata holds "kind", "classes" (a JSON
 * list), and "threshold", "none_below" or "none_above_distance" if the model has one. Throws a UsageError for a folder that is not a model, and for
 * preprocessing that cannot be exported.
 */
export async function exportOnnx(source: ModelSource): Promise<Uint8Array> {
  const { description, architecture, parameters, known } = await readModel(source);
  const { classes, preprocessing, head } = description;
  const { size, mean } = preprocessing;
  const network = inferenceGraph({
    stages: networkStages(architecture, head, classes.length),
    parameters,
    inputType: "uint8",
    inputShape: ["batch", mean.length, size, size],
    prepare: (builder, planes) => normalizePlanes(builder, planes, preprocessing),
    known,
  });
  const builder = GraphBuilder.from(foldIntoProducts(network));
  const answers = answerNode(builder, builder.value("output"), description);
  const graph = builder.build({ [meaningOf(description).answers]: answers, ...(known && { distance: builder.value("distance") }) });
  const pipeline = pixelPipeline(preprocessing, "pixels", "input");
  const whole: Graph = {
    ...graph,
    inputs: [{ name: "pixels", type: "uint8", shape: ["batch", "height", "width", mean.length] }],
    nodes: [...pipeline.nodes, ...graph.nodes],
    constants: new Map([...pipeline.constants, ...graph.constants]),
  };
  return encodeModel(whole, metadataOf(description));
}

/** The output for users: probabilities, or numbers in the units of the data. */
function answerNode(graph: GraphBuilder, outputs: Value, description: ModelDescription): Value {
  const { calibration } = description;
  const calibrated = calibration ? graph.add("Div", [outputs, graph.scalar(calibration.temperature)]) : outputs;
  return meaningOf(description).node(graph, calibrated);
}

function metadataOf(description: ModelDescription): Readonly<Record<string, string>> {
  const { classes, architecture } = description;
  const { kind, metadata } = meaningOf(description);
  return { kind, classes: JSON.stringify(classes), architecture, ...metadata };
}
