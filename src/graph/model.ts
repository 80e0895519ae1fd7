// Converts graphs to the bytes of an ONNX file (protobuf) and back.

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expected, UsageError } from "../core/errors.ts";
import { type ElementType, fromBytes, sizeOf, type Tensor, toBytes } from "../core/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { elementTypeOf, ONNX_TYPES } from "./element-types.ts";
import { canInfer } from "./infer.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type TensorProtoSchema,
  type ValueInfoProto,
  type ValueInfoProtoSchema,
} from "./proto/onnx_pb.ts";
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
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
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
        valueInfo: graph.nodes
          .filter(({ op }) => !canInfer(op))
          .flatMap(({ outputs }) => outputs.flatMap((name) => typedValue(graph, name))),
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    }),
  );
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
  for (const info of [...proto.valueInfo, ...proto.output])
    if (info.type?.value.case === "tensorType") known.set(info.name, valueType(info));
  for (const [i, node] of proto.node.entries()) append(builder, readNode(node, i, toTensor), known);
  return builder.build(Object.fromEntries(proto.output.map((output) => [output.name, builder.value(output.name)])));
}

/** The protobuf message of an ONNX file's bytes. Throws a UsageError for other bytes. */
export function parseModel(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new UsageError("The file is not an ONNX model, or is cut off", "Export or download it again.", { cause: error });
  }
}

function typedValue({ types }: Graph, name: string): readonly MessageInitShape<typeof ValueInfoProtoSchema>[] {
  const type = types.get(name);
  return type ? [valueInfo({ name, ...type })] : [];
}

function append(builder: GraphBuilder, node: Node, types: ReadonlyMap<string, ValueType>): void {
  const value = node.attributes.value;
  if (node.op === "Constant" && value?.kind === "tensor") builder.constant(value.value, node.outputs[0]);
  else builder.append(node, { types });
}

function valueInfo({ name, type, shape }: Value): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => ({
    value: typeof size === "number" ? ({ case: "dimValue", value: BigInt(size) } as const) : ({ case: "dimParam", value: size } as const),
  }));
  return { name, type: { value: { case: "tensorType", value: { elemType: ONNX_TYPES[type], shape: { dim } } } } };
}

function valueType(info: ValueInfoProto): ValueType {
  const tensorType = info.type?.value.case === "tensorType" ? info.type.value.value : undefined;
  const type = tensorType && elementTypeOf(tensorType.elemType);
  if (!tensorType || !type)
    throw new UsageError(`The ONNX value "${info.name}" has a type that thaw does not support`, "Export the model in float32.");
  const shape = (tensorType.shape?.dim ?? []).map(({ value }, i) =>
    value.case === "dimValue" ? Number(value.value) : value.value || `${info.name}.${i}`,
  );
  return { type, shape };
}

function tensorProto(name: string, value: Tensor): MessageInitShape<typeof TensorProtoSchema> {
  return { name, dataType: ONNX_TYPES[value.type], dims: value.shape.map(BigInt), rawData: toBytes(value) };
}

function toTensor(proto: TensorProto): Tensor {
  const type = elementTypeOf(proto.dataType);
  if (!type) throw new UsageError(`The ONNX tensor "${proto.name}" has a type that thaw does not support`, "Export the model in float32.");
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
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

function attributeProto(name: string, attribute: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  switch (attribute.kind) {
    case "int":
      return { name, type: AttributeProto_AttributeType.INT, i: BigInt(attribute.value) };
    case "float":
      return { name, type: AttributeProto_AttributeType.FLOAT, f: attribute.value };
    case "string":
      return { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(attribute.value) };
    case "ints":
      return { name, type: AttributeProto_AttributeType.INTS, ints: attribute.value.map(BigInt) };
    case "floats":
      return { name, type: AttributeProto_AttributeType.FLOATS, floats: [...attribute.value] };
    case "strings":
      return { name, type: AttributeProto_AttributeType.STRINGS, strings: attribute.value.map((text) => new TextEncoder().encode(text)) };
    case "tensor":
      return { name, type: AttributeProto_AttributeType.TENSOR, t: tensorProto(name, attribute.value) };
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
    case AttributeProto_AttributeType.INT:
      return { kind: "int", value: Number(proto.i) };
    case AttributeProto_AttributeType.FLOAT:
      return { kind: "float", value: proto.f };
    case AttributeProto_AttributeType.STRING:
      return { kind: "string", value: text(proto.s) };
    case AttributeProto_AttributeType.INTS:
      return { kind: "ints", value: proto.ints.map(Number) };
    case AttributeProto_AttributeType.FLOATS:
      return { kind: "floats", value: proto.floats };
    case AttributeProto_AttributeType.STRINGS:
      return { kind: "strings", value: proto.strings.map(text) };
    case AttributeProto_AttributeType.TENSOR:
      if (proto.t) return { kind: "tensor", value: readTensor(proto.t) };
  }
  throw new UsageError(`The attribute "${proto.name}" of operator ${node.opType} (node "${node.name}") has a type that thaw cannot read`);
}
