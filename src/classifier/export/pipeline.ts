// A classifier's preprocessing, from decoded pixels to the network's input, as ONNX operators: the same sizes, filter, rounding and crop as
// thaw's own pipeline (src/data). Built from plain nodes, because it computes with sizes that are known only when the graph runs.

import { UsageError } from "../../core/errors.ts";
import { int64, type Tensor } from "../../core/tensor.ts";
import { ONNX_TYPES } from "../../graph/element-types.ts";
import type { Attribute, Node } from "../../graph/types.ts";
import type { ModelDescription } from "../format.ts";

/** Nodes and constants from one named value to another. */
export interface Pipeline {
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** TensorProto.DataType of float64: sizes are computed in it, as in JavaScript, so that they round alike. */
const FLOAT64 = 11;

/**
 * From `input`, uint8 pixels [n, h, w, channels] of any size, to `output`, uint8 [n, channels, size, size]. Throws a UsageError for a model
 * that squashes padded pictures, for which there is no equivalent operator.
 */
export function pixelPipeline({ size, crop, pad, mean }: ModelDescription["preprocessing"], input: string, output: string): Pipeline {
  const nodes: Node[] = [];
  const constants = new Map<string, Tensor>();
  const add = (op: string, inputs: readonly string[], to: string, attributes: Readonly<Record<string, Attribute>> = {}): string => {
    const value = to === output ? to : `pixels.${to}`;
    nodes.push({ name: `pixels.${to}`, op, domain: "", inputs, outputs: [value], attributes });
    return value;
  };
  const constant = (name: string, values: readonly number[]): string => {
    constants.set(`pixels.${name}`, int64(values));
    return `pixels.${name}`;
  };
  // All four sizes are read from the input: ONNX Runtime's optimiser mishandles named axes and the shapes of transposed values.
  const scaled = (planes: string, sides: string, to: string): string => {
    const batch = add("Shape", [input], "batch", { start: whole(0), end: whole(1) });
    const sizes = add("Concat", [batch, constant("channels", [mean.length]), sides], "sizes", { axis: whole(0) });
    return add("Resize", [planes, "", "", sizes], to, {
      mode: text("linear"),
      antialias: whole(1),
      coordinate_transformation_mode: text("half_pixel"),
    });
  };

  const planes = add("Transpose", [input], "planes", { perm: wholes([0, 3, 1, 2]) });
  if (crop === "none") {
    if (pad > 0) throw new UsageError("A model that squashes padded pictures cannot be exported", "Train with pad 0, or with a crop.");
    scaled(planes, constant("square", [size, size]), output);
    return { nodes, constants };
  }
  const target = constant("size", [size]);
  // Each side is max(floor(side · (size / short side)), size).
  const sides = add("Shape", [input], "sides", { start: whole(1), end: whole(3) });
  const short = add("ReduceMin", [sides, constant("first axis", [0])], "short side", { keepdims: whole(1) });
  const double = (value: string, to: string): string => add("Cast", [value], to, { to: whole(FLOAT64) });
  const ratio = add("Div", [double(target, "exact size"), double(short, "exact short side")], "ratio");
  const floor = add("Floor", [add("Mul", [double(sides, "exact sides"), ratio], "scaled exact sides")], "whole sides");
  const sizes = add("Max", [add("Cast", [floor], "sides as int64", { to: whole(ONNX_TYPES.int64) }), target], "scaled sides");
  const resized = scaled(planes, sizes, "scaled");
  const framed =
    pad === 0 ? resized : add("Pad", [resized, constant("frame", [0, 0, pad, pad, 0, 0, pad, pad])], "framed", { mode: text("reflect") });
  // The crop starts at ceil(free / 2).
  const free = add("Sub", [sizes, constant("size within the frame", [size - 2 * pad])], "free");
  const start = add("Div", [add("Add", [free, constant("one", [1])], "free and one"), constant("two", [2])], "start");
  const end = add("Add", [start, target], "end");
  add("Slice", [framed, start, end, constant("rows and columns", [2, 3])], output);
  return { nodes, constants };
}

function whole(value: number): Attribute {
  return { kind: "int", value };
}

function wholes(value: readonly number[]): Attribute {
  return { kind: "ints", value };
}

function text(value: string): Attribute {
  return { kind: "string", value };
}
