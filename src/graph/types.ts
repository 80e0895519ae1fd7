// An ONNX graph as plain typed data: nodes in execution order, every value with its type and shape.

import type { ElementType, Tensor } from "../core/tensor.ts";

/** A size, or the name of a size that is known only when the graph runs, such as "batch". */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

export interface ValueType {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A named edge of the graph. */
export interface Value extends ValueType {
  readonly name: string;
}

export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: Tensor };

export type Attributes = Readonly<Record<string, Attribute>>;

/** The domain of thaw's own gradient operators, which no engine has; `lower` replaces them. */
export const OWN_DOMAIN = "thaw";

/** One operator. An empty string in `inputs` or `outputs` means an omitted optional one, as in ONNX. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** "" for ONNX's own operators, "com.microsoft" for ONNX Runtime's, `OWN_DOMAIN` for thaw's. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** ONNX's initializers: tensors that are part of the model. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The type of every value: inputs, constants and node outputs. */
  readonly types: ReadonlyMap<string, ValueType>;
}

/** A float attribute; plain numbers in `GraphBuilder.add` are ints. */
export function float(value: number): Attribute {
  return { kind: "float", value };
}

export function intAttribute(node: Pick<Node, "attributes">, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "int" ? attribute.value : fallback;
}

export function floatAttribute(node: Pick<Node, "attributes">, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "float" ? attribute.value : fallback;
}

export function intsAttribute(node: Pick<Node, "attributes">, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.kind === "ints" ? attribute.value : undefined;
}

export function stringAttribute(node: Pick<Node, "attributes">, name: string, fallback: string): string {
  const attribute = node.attributes[name];
  return attribute?.kind === "string" ? attribute.value : fallback;
}

/** The shape as numbers; throws an error that names `value` if a dimension is symbolic. */
export function staticShape(value: Value): readonly number[] {
  for (const dimension of value.shape) {
    if (typeof dimension === "string") {
      throw new Error(
        `${value.name} [${value.shape}] has the symbolic dimension "${dimension}": this needs a fixed size, so bind it first`,
      );
    }
  }
  return value.shape as readonly number[];
}
