// Reads an untrusted ONNX file: checks it, converts its weights to float32, and brings its nodes into order and into one operator set.

import { UsageError } from "../../core/errors.ts";
import { float32, int64, type Tensor } from "../../core/tensor.ts";
import { parseModel, readNode } from "../model.ts";
import type { ValueInfoProto } from "../proto/onnx.ts";
import type { Attribute, Dimension, Node, Value, ValueType } from "../types.ts";
import { modernise } from "./modernise.ts";
import { sortNodes, uniquelyNamed } from "./order.ts";
import { refuseUnsupported } from "./refuse.ts";
import { type ReadExternal, readTensor, widenedType } from "./tensors.ts";

/** An ONNX file as data. Unlike in a `Graph`, only values whose type the file states have one. */
export interface SourceGraph {
  /** The operator set of the file; the nodes are converted to set 20. */
  readonly opset: number;
  /** The program that wrote the file, such as "pytorch". */
  readonly producer: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** In an order in which they can run, each with a distinct name. */
  readonly nodes: readonly Node[];
  readonly types: ReadonlyMap<string, ValueType>;
}

/**
 * Reads the bytes of an ONNX file; `external` returns the bytes of tensors stored in other files. Throws a UsageError that names what in
 * the file is damaged, dangerous or unsupported.
 */
export function readSource(bytes: Uint8Array, external: ReadExternal): SourceGraph {
  const model = parseModel(bytes);
  const opset = refuseUnsupported(model);
  const graph = model.graph as NonNullable<typeof model.graph>;
  const constants = new Map<string, Tensor>();
  for (const proto of graph.initializer) {
    if (proto.name === "" || constants.has(proto.name))
      throw new UsageError(`The ONNX file has two weights called "${proto.name}", or one without a name`, "Export the model again.");
    constants.set(proto.name, readTensor(proto, proto.name, external));
  }
  // Before IR version 4, initializers are listed among the inputs too.
  const inputs = graph.input.filter(({ name }) => !constants.has(name)).map(readInput);
  if (new Set(inputs.map(({ name }) => name)).size < inputs.length)
    throw new UsageError("The ONNX file has two inputs of the same name", "Export the model again.");
  const nodes: Node[] = [];
  for (const [i, proto] of graph.node.entries()) {
    const node = readNode(proto, i, (value) => readTensor(value, `of ${proto.opType} ${proto.name}`, external));
    const value = node.op === "Constant" ? constantOf(node) : undefined;
    const [name] = node.outputs;
    if (!value || name === undefined) nodes.push({ ...node, domain: "" });
    else if (constants.has(name) || name === "")
      throw new UsageError(`The ONNX file has two weights called "${name}", or one without a name`, "Export the model again.");
    else constants.set(name, value);
  }
  const given = new Set([...inputs.map(({ name }) => name), ...constants.keys()]);
  const sorted = uniquelyNamed(sortNodes(nodes, given));
  const outputs = graph.output.map(({ name }) => name);
  const made = new Set([...given, ...sorted.flatMap((node) => node.outputs)]);
  for (const name of outputs)
    if (!made.has(name)) throw new UsageError(`The ONNX output "${name}" is never computed`, "Export the model again.");
  const types = new Map([...graph.valueInfo, ...graph.output].flatMap((info) => typeOf(info) ?? []));
  return { opset, producer: model.producerName, inputs, outputs, nodes: modernise(sorted, opset, constants), constants, types };
}

/** The tensor of a Constant node, whose value has one of several forms. */
function constantOf({ attributes, name }: Node): Tensor {
  const [first] = Object.entries(attributes) as [string, Attribute][];
  const value = first?.[1];
  switch (value?.kind) {
    case "tensor":
      return value.value;
    case "float":
    case "floats":
      return float32(value.value);
    case "int":
      return { type: "int64", shape: [], data: BigInt64Array.of(BigInt(value.value)) };
    case "ints":
      return int64(value.value);
  }
  throw new UsageError(`The ONNX constant "${name}" is not numeric`, "Export only the network, without the names of its classes.");
}

function readInput(info: ValueInfoProto): Value {
  const [[name, type]] = typeOf(info) ?? [[]];
  if (name === undefined || !type)
    throw new UsageError(`The ONNX input "${info.name}" is not a numeric tensor`, "Export a model that takes a batch of images.");
  for (const size of type.shape)
    if (typeof size === "number" && size < 1)
      throw new UsageError(`The ONNX input "${name}" has the size ${size} along an axis`, "The file is damaged: export it again.");
  return { name, ...type };
}

function typeOf(info: ValueInfoProto): [[string, ValueType]] | undefined {
  const tensor = info.type?.tensorType;
  const type = tensor && widenedType(tensor.elemType);
  if (!type) return undefined;
  const shape = (tensor.shape?.dim ?? []).map(
    ({ dimValue, dimParam }, i): Dimension => (dimValue === undefined ? dimParam || `${info.name}.${i}` : Number(dimValue)),
  );
  return [[info.name, { type, shape }]];
}
