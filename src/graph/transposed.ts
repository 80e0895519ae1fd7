// A transposed convolution with stride 1 is a plain one with its kernel rotated, which engines run faster.

import { reshape } from "./blocked/kernels.ts";
import type { GraphBuilder } from "./builder.ts";
import { intAttribute, intsAttribute, type Node, staticShape, type Value } from "./types.ts";

/** The pads [top, left, bottom, right] of the plain convolution equivalent to ConvTranspose `node`; undefined if there is none. */
export function padsOfPlain(node: Node, weight: Value): readonly number[] | undefined {
  if (node.op !== "ConvTranspose" || node.domain !== "" || node.attributes.auto_pad || node.attributes.output_shape) return undefined;
  if (weight.shape.length !== 4 || (intsAttribute(node, "strides") ?? []).some((stride) => stride !== 1)) return undefined;
  const [dilations, pads, extra] = [
    intsAttribute(node, "dilations") ?? [1, 1],
    intsAttribute(node, "pads") ?? [0, 0, 0, 0],
    intsAttribute(node, "output_padding") ?? [0, 0],
  ];
  const plain = [0, 1, 2, 3].map((side) => {
    const axis = side % 2;
    const reach = (dilations[axis] as number) * ((weight.shape[2 + axis] as number) - 1);
    return reach - (pads[side] as number) + (side < 2 ? 0 : (extra[axis] as number));
  });
  return plain.every((count) => count >= 0) ? plain : undefined;
}

/** The plain convolution in place of ConvTranspose `node`, whose inputs are `x` and `weight`. */
export function plainConvolution(graph: GraphBuilder, node: Node, [x, weight, bias]: readonly Value[]): readonly Value[] {
  const pads = padsOfPlain(node, weight as Value);
  const group = intAttribute(node, "group", 1);
  const kernel = turned(graph, weight as Value, group);
  // WebGPU does not accept an empty name for a missing bias.
  const inputs = bias ? [x, kernel, bias] : [x, kernel];
  return [graph.add("Conv", inputs, { group, dilations: intsAttribute(node, "dilations"), pads }, { name: node.name })];
}

/** The kernel [in, out / group, height, width] rotated by 180°, with its channel axes swapped within each group. */
function turned(graph: GraphBuilder, weight: Value, group: number): Value {
  const [channels, out, height, width] = staticShape(weight) as [number, number, number, number];
  const grouped = reshape(graph, weight, [group, channels / group, out, height * width]);
  const swapped = group < channels || out > 1 ? graph.add("Transpose", [grouped], { perm: [0, 2, 1, 3] }) : grouped;
  const backwards = graph.ints(Array.from({ length: height * width }, (_, i) => height * width - 1 - i));
  const kernel = height * width === 1 ? swapped : graph.add("Gather", [swapped, backwards], { axis: 3 });
  return reshape(graph, kernel, [out * group, channels / group, height, width]);
}
