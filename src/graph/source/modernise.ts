// Rewrites operators of older operator sets for set 20: attributes that became inputs, defaults that changed and are made explicit.

import { int64, type Tensor } from "../../core/tensor.ts";
import { ONNX_TYPES } from "../element-types.ts";
import { type Attributes, intAttribute, intsAttribute, type Node } from "../types.ts";
import { widenedType } from "./tensors.ts";

interface Translation {
  readonly node: Node;
  readonly opset: number;
  /** Adds a tensor to the model and returns its name. */
  constant(value: Tensor): string;
}

/** Rewrites one node; undefined for a node that became a constant. */
type Translate = (translation: Translation) => Node;

const axesAsInput: Translate = ({ node, constant }) => {
  const axes = intsAttribute(node, "axes");
  if (!axes) return node;
  return { ...node, inputs: [node.inputs[0] ?? "", constant(int64(axes))], attributes: without(node.attributes, "axes") };
};

/** Before set 13, softmax was over all axes from `axis` on together. */
const flattening: Translate = ({ node, opset }) => {
  if (opset >= 13) return node;
  const attributes: Attributes = {
    axis: { kind: "int", value: intAttribute(node, "axis", 1) },
    flattened: { kind: "int", value: 1 },
  };
  return { ...node, attributes };
};

const split: Translate = ({ node, constant }) => {
  const sizes = intsAttribute(node, "split");
  const attributes = without(node.attributes, "split");
  if (sizes) return { ...node, inputs: [node.inputs[0] ?? "", constant(int64(sizes))], attributes };
  if (node.inputs[1]) return node;
  return { ...node, attributes: { ...attributes, num_outputs: { kind: "int", value: node.outputs.length } } };
};

/** In inference, dropout does nothing. */
const identity: Translate = ({ node }) => ({
  ...node,
  op: "Identity",
  inputs: node.inputs.slice(0, 1),
  outputs: node.outputs.slice(0, 1),
  attributes: {},
});

/** The inference form, which uses the running statistics; the updated statistics of a file exported for training are dropped. */
const inferenceNorm: Translate = ({ node }) => ({
  ...node,
  outputs: node.outputs.slice(0, 1),
  attributes: without(node.attributes, "training_mode"),
});

/** All floats are float32 here, so a cast to any float type is to float32. */
const cast: Translate = ({ node }) => {
  const type = widenedType(intAttribute(node, "to", 0));
  if (!type) return node;
  return { ...node, attributes: { to: { kind: "int", value: ONNX_TYPES[type] } } };
};

const REDUCTIONS = ["Sum", "Mean", "Max", "Min", "Prod", "SumSquare", "L1", "L2", "LogSum", "LogSumExp"].map((name) => `Reduce${name}`);

const TRANSLATIONS: Readonly<Record<string, Translate>> = {
  ...Object.fromEntries([...REDUCTIONS, "Squeeze", "Unsqueeze"].map((op) => [op, axesAsInput])),
  Softmax: flattening,
  LogSoftmax: flattening,
  Split: split,
  Dropout: identity,
  BatchNormalization: inferenceNorm,
  Cast: cast,
};

/** `nodes` of operator set `opset` rewritten for set 20; constants that they need are added to `constants`. */
export function modernise(nodes: readonly Node[], opset: number, constants: Map<string, Tensor>): readonly Node[] {
  const taken = new Set([...constants.keys(), ...nodes.flatMap(({ outputs }) => outputs)]);
  return nodes.map((node) => {
    if (!Object.hasOwn(TRANSLATIONS, node.op)) return node;
    const constant = (value: Tensor): string => {
      let name = `${node.name}.axes`;
      while (taken.has(name)) name = `${name}'`;
      taken.add(name);
      constants.set(name, value);
      return name;
    };
    return (TRANSLATIONS[node.op] as Translate)({ node, opset, constant });
  });
}

function without(attributes: Attributes, name: string): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));
}
