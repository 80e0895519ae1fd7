// Converts graphs to the bytes of an ONNX file (protobuf) and back.

import { expected, UsageError } from "../core/errors.ts";
import { type ElementType, fromBytes, sizeOf, type Tensor, toBytes } from "../core/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { elementTypeOf, ONNX_TYPES } from "./element-types.ts";
import { canInfer } from "./infer.ts";
import {
  type AttributeInit,
  type AttributeProto,
  AttributeType,
  DataLocation,
  MODEL,
  type ModelProto,
  type NodeProto,
  type TensorInit,
  type TensorProto,
  type ValueInfoInit,
  type ValueInfoProto,
} from "./proto/onnx.ts";
import { type Attribute, type Graph, type Node, OWN_DOMAIN, type Value, type ValueType } from "./types.ts";

/** The ONNX operator set that thaw writes. */
export const OPSET = 20;
const IR_VERSION = 9n;

/**
 * Writes `graph` as the bytes of an ONNX model (opset 20, IR version 9) with `metadata`. Throws for operators of `OWN_DOMAIN`, which other
 * programs do not know.
 */
export function encodeModel(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const own = graph.nodes.find(({ domain }) => domain === OWN_DOMAIN);
  if (own) throw new Error(`Operator ${own.op} (node "${own.name}") is thaw's own: write lower(graph) instead`);
  const domains = new Set(graph.nodes.map((node) => node.domain).filter((domain) => domain !== ""));
  return MODEL.encode({
    irVersion: IR_VERSION,
    producerName: "thaw",
    opsetImport: [{ domain: "", version: BigInt(OPSET) }, ...[...domains].map((domain) => ({ domain, version: 1n }))],
    graph: {
      name: "thaw",
      node: graph.nodes.map((node) => ({
        name: node.name,
        opType: node.op,
        domain: node.domain,
        input: [...node.inputs],
        output: [...node.outputs],
        attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
      })),
      initializer: [...graph.constants].map(([name, value]) => tensorProto(name, value)),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
      // A reader could not infer the types of operators that thaw does not know.
      valueInfo: graph.nodes.filter(({ op }) => !canInfer(op)).flatMap(({ outputs }) => outputs.flatMap((name) => typedValue(graph, name))),
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

/** Reads an ONNX model. Throws a UsageError for other bytes, and for models with unsupported content, which it names. */
export function decodeModel(bytes: Uint8Array): Graph {
  const model = parseModel(bytes);
  const proto = model.graph;
  if (!proto) throw new UsageError("The ONNX file has no graph", "Export the model again.");
  const constants = new Map(proto.initializer.map((value) => [value.name, toTensor(value)]));
  const builder = new GraphBuilder();
  for (const input of proto.input) {
    if (constants.has(input.name)) continue; // Before IR version 4, initializers are listed among the inputs too.
    const { type, shape } = valueType(input);
    builder.input(input.name, type, shape);
  }
  for (const [name, value] of constants) builder.constant(value, name);
  const known = new Map<string, ValueType>();
  for (const info of [...proto.valueInfo, ...proto.output]) if (info.type?.tensorType) known.set(info.name, valueType(info));
  for (const [i, node] of proto.node.entries()) append(builder, readNode(node, i, toTensor), known);
  return builder.build(Object.fromEntries(proto.output.map((output) => [output.name, builder.value(output.name)])));
}

/** The protobuf message of an ONNX file's bytes. Throws a UsageError for other bytes. */
export function parseModel(bytes: Uint8Array): ModelProto {
  try {
    return MODEL.decode(bytes);
  } catch (error) {
    throw new UsageError("The file is not an ONNX model, or is cut off", "Export or download it again.", { cause: error });
  }
}

function typedValue({ types }: Graph, name: string): readonly ValueInfoInit[] {
  const type = types.get(name);
  return type ? [valueInfo({ name, ...type })] : [];
}

function append(builder: GraphBuilder, node: Node, types: ReadonlyMap<string, ValueType>): void {
  const value = node.attributes.value;
  if (node.op === "Constant" && value?.kind === "tensor") builder.constant(value.value, node.outputs[0]);
  else builder.append(node, { types });
}

function valueInfo({ name, type, shape }: Value): ValueInfoInit {
  const dim = shape.map((size) => (typeof size === "number" ? { dimValue: BigInt(size) } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ONNX_TYPES[type], shape: { dim } } } };
}

function valueType(info: ValueInfoProto): ValueType {
  const tensorType = info.type?.tensorType;
  const type = tensorType && elementTypeOf(tensorType.elemType);
  if (!tensorType || !type)
    throw new UsageError(`The ONNX value "${info.name}" has a type that thaw does not support`, "Export the model in float32.");
  const shape = (tensorType.shape?.dim ?? []).map(({ dimValue, dimParam }, i) =>
    dimValue === undefined ? dimParam || `${info.name}.${i}` : Number(dimValue),
  );
  return { type, shape };
}

function tensorProto(name: string, value: Tensor): TensorInit {
  return { name, dataType: ONNX_TYPES[value.type], dims: value.shape.map(BigInt), rawData: toBytes(value) };
}

function toTensor(proto: TensorProto): Tensor {
  const type = elementTypeOf(proto.dataType);
  if (!type) throw new UsageError(`The ONNX tensor "${proto.name}" has a type that thaw does not support`, "Export the model in float32.");
  if (proto.dataLocation === DataLocation.EXTERNAL) {
    throw new UsageError(`The ONNX tensor "${proto.name}" is stored in another file`, "Save the model as one file.");
  }
  const shape = proto.dims.map(Number);
  if (proto.rawData.length > 0 || sizeOf(shape) === 0) return fromBytes(type, shape, proto.rawData);
  return { type, shape, data: typedData(proto, type, sizeOf(shape)) } as Tensor;
}

/** The data of a tensor that is stored in the repeated field of its type. */
function typedData(proto: TensorProto, type: ElementType, size: number): Tensor["data"] {
  const fields =
    type === "float32" ? Float32Array.from(proto.floatData) : type === "int64" ? BigInt64Array.from(proto.int64Data) : proto.int32Data;
  if (fields.length !== size)
    throw expected(`${size} elements`, `the ONNX tensor "${proto.name}"`, fields.length, "The file is damaged: export it again.");
  if (!Array.isArray(fields)) return fields as Tensor["data"];
  if (type === "int32") return Int32Array.from(fields);
  if (type === "int8") return Int8Array.from(fields);
  return type === "float16" ? Uint16Array.from(fields) : Uint8Array.from(fields);
}

function attributeProto(name: string, attribute: Attribute): AttributeInit {
  switch (attribute.kind) {
    case "int":
      return { name, type: AttributeType.INT, i: BigInt(attribute.value) };
    case "float":
      return { name, type: AttributeType.FLOAT, f: attribute.value };
    case "string":
      return { name, type: AttributeType.STRING, s: new TextEncoder().encode(attribute.value) };
    case "ints":
      return { name, type: AttributeType.INTS, ints: attribute.value.map(BigInt) };
    case "floats":
      return { name, type: AttributeType.FLOATS, floats: [...attribute.value] };
    case "strings":
      return { name, type: AttributeType.STRINGS, strings: attribute.value.map((text) => new TextEncoder().encode(text)) };
    case "tensor":
      return { name, type: AttributeType.TENSOR, t: tensorProto(name, attribute.value) };
  }
}

/** The `i`th node of a file; `readTensor` reads the tensors among its attributes. Throws a UsageError for unsupported attributes. */
export function readNode(proto: NodeProto, i: number, readTensor: (proto: TensorProto) => Tensor): Node {
  const attributes = Object.fromEntries(proto.attribute.map((attribute) => [attribute.name, toAttribute(attribute, proto, readTensor)]));
  return {
    name: proto.name || `${proto.opType}#${i}`,
    op: proto.opType,
    domain: proto.domain,
    inputs: proto.input,
    outputs: proto.output,
    attributes,
  };
}

function toAttribute(proto: AttributeProto, node: NodeProto, readTensor: (proto: TensorProto) => Tensor): Attribute {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  switch (proto.type) {
    case AttributeType.INT:
      return { kind: "int", value: Number(proto.i) };
    case AttributeType.FLOAT:
      return { kind: "float", value: proto.f };
    case AttributeType.STRING:
      return { kind: "string", value: text(proto.s) };
    case AttributeType.INTS:
      return { kind: "ints", value: proto.ints.map(Number) };
    case AttributeType.FLOATS:
      return { kind: "floats", value: proto.floats };
    case AttributeType.STRINGS:
      return { kind: "strings", value: proto.strings.map(text) };
    case AttributeType.TENSOR:
      if (proto.t) return { kind: "tensor", value: readTensor(proto.t) };
  }
  throw new UsageError(`The attribute "${proto.name}" of operator ${node.opType} (node "${node.name}") has a type that thaw cannot read`);
}
