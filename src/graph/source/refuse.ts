// Refuses ONNX files with unsupported or dangerous content before their weights are read, because a model file is an untrusted program.
// Every message names the place and what to do.

import { UsageError } from "../../core/errors.ts";
import { AttributeType as Kind, type ModelProto, type NodeProto, type TensorProto } from "../proto/onnx.ts";

/** The range of ONNX's operator sets that thaw supports. */
export const OPSETS = { first: 11, last: 21 } as const;
const MOST_NODES = 20_000;
const MOST_ELEMENTS = 2 ** 31;
const STRING = 8;

const QUANTISED = /^(QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|QLinear.*|QGemm|ConvInteger|MatMulInteger)$/;
const SUBGRAPHS: ReadonlySet<number> = new Set([Kind.GRAPH, Kind.GRAPHS]);
const READABLE: ReadonlySet<number> = new Set([Kind.FLOAT, Kind.INT, Kind.STRING, Kind.TENSOR, Kind.FLOATS, Kind.INTS, Kind.STRINGS]);

/** Throws a UsageError that names what is wrong with `model`, if anything; returns its version of ONNX's own operators. */
export function refuseUnsupported(model: ModelProto): number {
  const { graph } = model;
  if (!graph) throw new UsageError("The ONNX file has no graph", "Export the model again.");
  const opset = opsetOf(model);
  if (model.functions.length > 0)
    throw new UsageError(
      `The ONNX file defines custom operators ("${model.functions[0]?.name}")`,
      "Inline them (onnx.inliner.inline_local_functions) and save the model again.",
    );
  const sparse = graph.sparseInitializer[0];
  if (sparse) throw new UsageError(`The ONNX tensor "${sparse.values?.name ?? ""}" is sparse`, "Export the model with dense weights.");
  if (graph.node.length > MOST_NODES)
    throw new UsageError(
      `The ONNX graph has ${graph.node.length} operators, more than ${MOST_NODES}`,
      "Give a model of a smaller network.",
    );
  for (const [i, node] of graph.node.entries()) refuseNode(node, i);
  for (const tensor of graph.initializer) refuseTensor(tensor, tensor.name);
  return opset;
}

function opsetOf({ opsetImport }: ModelProto): number {
  const own = opsetImport.find(({ domain }) => isOwn(domain));
  const version = Number(own?.version ?? 0);
  if (version >= OPSETS.first && version <= OPSETS.last) return version;
  const found = own ? `is of operator set ${version}` : "does not state its operator set";
  throw new UsageError(
    `The ONNX file ${found}; thaw reads ${OPSETS.first} to ${OPSETS.last}`,
    "Export it again with opset_version=17, or convert it with onnx.version_converter.",
  );
}

function isOwn(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** The name of the `i`th node in messages. */
export function nodeName(node: Pick<NodeProto, "name" | "opType">, i: number): string {
  return `operator ${node.opType} (${node.name ? `node "${node.name}"` : `node ${i}`})`;
}

function refuseNode(node: NodeProto, i: number): void {
  const place = nodeName(node, i);
  if (!isOwn(node.domain))
    throw new UsageError(
      `The ONNX file needs ${place} of the domain "${node.domain}", which is not ONNX's own`,
      "Export the model without custom operators; if the file was optimised for ONNX Runtime, give the original.",
    );
  if (QUANTISED.test(node.opType))
    throw new UsageError(`The ONNX file is quantised: ${place}`, "Give the float model that it was made from; thaw quantises by itself.");
  for (const { name, type, refAttrName, t } of node.attribute) {
    if (SUBGRAPHS.has(type))
      throw new UsageError(
        `The ONNX file has control flow: ${place} contains another graph`,
        "Export a model without If, Loop and Scan: with a fixed input size, most exporters omit them.",
      );
    if (!READABLE.has(type) || refAttrName !== "")
      throw new UsageError(`The attribute "${name}" of ${place} is of a kind that thaw does not support`, "Export the model again.");
    if (t) refuseTensor(t, `${name} of ${place}`);
  }
}

function refuseTensor({ dataType, dims, segment }: TensorProto, name: string): void {
  if (dataType === STRING)
    throw new UsageError(`The ONNX tensor "${name}" contains text`, "Export only the network, without the names of its classes.");
  if (segment) throw new UsageError(`The ONNX tensor "${name}" is stored in segments`, "Save the model again.");
  const negative = dims.find((size) => size < 0n);
  if (negative !== undefined)
    throw new UsageError(`The ONNX tensor "${name}" has the size ${negative} along an axis`, "The file is damaged: export it again.");
  const elements = dims.reduce((product, size) => product * size, 1n);
  if (elements > MOST_ELEMENTS)
    throw new UsageError(`The ONNX tensor "${name}" claims ${elements} elements`, "The file is damaged or malicious.");
}
