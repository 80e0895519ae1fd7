// Shape inference of convolutions and pooling: sizes along the spatial axes, which must be static.

import { type Dimension, intAttribute, intsAttribute, type Shape, stringAttribute } from "../types.ts";
import type { InferenceContext, InferenceRule } from "./rule.ts";

const pool: InferenceRule = (context) => {
  const x = context.input(0);
  const kernel = intsAttribute(context.node, "kernel_shape") ?? context.fail("lacks kernel_shape");
  const shape = [...x.shape.slice(0, 2), ...slide(context, x.shape, kernel, intAttribute(context.node, "ceil_mode", 0) === 1)];
  return [
    { type: x.type, shape },
    { type: "int64", shape },
  ];
};

const globalPool: InferenceRule = (context) => {
  const x = context.input(0);
  return [{ type: x.type, shape: x.shape.map((dimension, i) => (i < 2 ? dimension : 1)) }];
};

/** A result with the first input's shape; elements may be in another layout, but shapes stay logical. */
const same: InferenceRule = (context) => [{ type: context.input(0).type, shape: context.input(0).shape }];

export const convolutionRules: Readonly<Record<string, InferenceRule>> = {
  Conv: (context) => {
    const [x, w] = [context.input(0), context.input(1)];
    const group = intAttribute(context.node, "group", 1);
    if (w.shape.length !== x.shape.length || x.shape[1] !== (w.shape[1] as number) * group) {
      context.fail(`cannot convolve [${x.shape}] with [${w.shape}] in ${group} groups`);
    }
    const spatial = slide(context, x.shape, w.shape.slice(2) as number[], false);
    return [{ type: x.type, shape: [x.shape[0] as Dimension, w.shape[0] as Dimension, ...spatial] }];
  },
  ConvTranspose: (context) => {
    const [x, w] = [context.input(0), context.input(1)];
    const group = intAttribute(context.node, "group", 1);
    if (x.shape[1] !== w.shape[0]) context.fail(`cannot convolve [${x.shape}] with [${w.shape}]`);
    const rank = x.shape.length - 2;
    const { strides, dilations, pads } = windowOf(context, rank);
    const extra = intsAttribute(context.node, "output_padding") ?? Array(rank).fill(0);
    const spatial = Array.from({ length: rank }, (_, i) => {
      const reach = dilations[i]! * ((w.shape[i + 2] as number) - 1) + 1;
      return strides[i]! * (spatialSize(context, x.shape, i) - 1) + extra[i]! + reach - pads[i]! - pads[i + rank]!;
    });
    return [{ type: x.type, shape: [x.shape[0] as Dimension, (w.shape[1] as number) * group, ...spatial] }];
  },
  ReorderInput: same,
  ReorderOutput: (context) => {
    const { type, shape } = context.input(0);
    return [{ type, shape: [shape[0] as Dimension, intAttribute(context.node, "channels", shape[1] as number), ...shape.slice(2)] }];
  },
  MaxPoolGrad: same,
  ClipGrad: same,
  ConvWeightGrad: (context) => {
    const [x, gradient] = [context.input(0), context.input(1)];
    const kernel = intsAttribute(context.node, "kernel_shape") ?? context.fail("lacks kernel_shape");
    const channels = (x.shape[1] as number) / intAttribute(context.node, "group", 1);
    return [{ type: x.type, shape: [gradient.shape[1] as Dimension, channels, ...kernel] }];
  },
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
};

function slide(context: InferenceContext, shape: Shape, kernel: readonly number[], ceil: boolean): number[] {
  const { strides, dilations, pads } = windowOf(context, kernel.length);
  const same = stringAttribute(context.node, "auto_pad", "NOTSET").startsWith("SAME");
  return kernel.map((k, i) => {
    const size = spatialSize(context, shape, i);
    if (same) return Math.ceil(size / strides[i]!);
    const steps = (size + pads[i]! + pads[i + kernel.length]! - dilations[i]! * (k - 1) - 1) / strides[i]!;
    let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window that would start in the padding after the image is dropped, as in PyTorch and ONNX Runtime.
    if (ceil && (count - 1) * strides[i]! >= size + pads[i]!) count--;
    if (count <= 0) context.fail(`has a kernel of ${k} that does not fit into ${size}`);
    return count;
  });
}

function spatialSize(context: InferenceContext, shape: Shape, i: number): number {
  const size = shape[i + 2];
  return typeof size === "number" ? size : context.fail("needs static spatial sizes");
}

/** Strides, dilations and pads (begin…, end…) with ONNX's defaults. */
function windowOf(
  context: InferenceContext,
  rank: number,
): { strides: readonly number[]; dilations: readonly number[]; pads: readonly number[] } {
  const listOf = (name: string, length: number, least: number): readonly number[] => {
    const values = intsAttribute(context.node, name) ?? Array<number>(length).fill(least);
    if (values.length !== length || values.some((value) => !(value >= least)))
      context.fail(`has the ${name} [${values}]; there must be ${length}, each at least ${least}`);
    return values;
  };
  return { strides: listOf("strides", rank, 1), dilations: listOf("dilations", rank, 1), pads: listOf("pads", 2 * rank, 0) };
}
