// Evaluates integers that an exported graph computes from shapes (Shape, Gather, Concat, … before a Reshape) while the graph is copied. The
// number of images may stay a symbol.

import { type ElementType, sizeOf, type Tensor } from "../../core/tensor.ts";
import { productOf, quotientOf } from "../../graph/infer/rule.ts";
import { type Dimension, intAttribute, intsAttribute, type Node, type Shape } from "../../graph/types.ts";

/** A scalar, a list or a small table of numbers that are known or multiples of the number of images. */
export interface Known {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly items: readonly Dimension[];
}

/** Longer lists are tensors, not shapes. */
const LONGEST = 64;

/** The numbers of a small constant; undefined for larger ones. Values beyond 2⁵³, which mean "to the end", become 2⁵³. */
export function knownOf({ type, shape, data }: Tensor): Known | undefined {
  if (shape.length > 2 || data.length > LONGEST) return undefined;
  const safe = (value: number | bigint): number => Math.min(Math.max(Number(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return { type, shape, items: Array.from(data as ArrayLike<number | bigint>, safe) };
}

/** The shape as the output of ONNX's operator Shape. */
export function shapeAsKnown(node: Node, shape: Shape): Known {
  const rank = shape.length;
  const at = (name: string, fallback: number): number => {
    const given = intAttribute(node, name, fallback);
    return given < 0 ? given + rank : given;
  };
  return listOf("int64", shape.slice(at("start", 0), at("end", rank)));
}

/** The result of `node` if all its inputs are known; undefined if thaw cannot compute it. */
export function evaluate(node: Node, inputs: readonly (Known | undefined)[]): Known | undefined {
  const rule = Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
  return rule?.(node, inputs as readonly Known[]);
}

type Rule = (node: Node, inputs: readonly Known[]) => Known | undefined;

function listOf(type: ElementType, items: readonly Dimension[]): Known {
  return { type, shape: [items.length], items };
}

function like(known: Known, items: readonly Dimension[] | undefined): Known | undefined {
  return items && { ...known, items };
}

function numbers({ items }: Known): readonly number[] | undefined {
  return items.every((item) => typeof item === "number") ? (items as readonly number[]) : undefined;
}

/** Applies `of` item by item, broadcast by NumPy's rule; undefined if the shapes do not fit, or the result is long. */
function pairwise(a: Known, b: Known, of: (a: Dimension, b: Dimension) => Dimension | undefined, type = a.type): Known | undefined {
  const shape = broadcast(a.shape, b.shape);
  if (!shape || shape.length > 2 || sizeOf(shape) > LONGEST) return undefined;
  const others = itemsIn(b, shape);
  const items = itemsIn(a, shape).map((item, i) => of(item, others[i] as Dimension));
  return items.includes(undefined) ? undefined : { type, shape, items: items as Dimension[] };
}

/** The common shape of two operands; undefined if there is none. */
export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const sizes = Array.from({ length: rank }, (_, i) => [a[i + a.length - rank] ?? 1, b[i + b.length - rank] ?? 1] as const);
  return sizes.every(([x, y]) => x === y || x === 1 || y === 1) ? sizes.map(([x, y]) => (x === 1 ? y : x)) : undefined;
}

/** The items of a table, repeated along its axes of length 1 to fill `shape`. */
export function itemsIn<T>(
  { shape: own, items }: { readonly shape: readonly number[]; readonly items: readonly T[] },
  shape: readonly number[],
): readonly T[] {
  const sizes = [...Array<number>(shape.length - own.length).fill(1), ...own];
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    let [place, rest, stride] = [0, i, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const side = shape[axis] as number;
      if (sizes[axis] !== 1) place += (rest % side) * stride;
      stride *= sizes[axis] as number;
      rest = Math.floor(rest / side);
    }
    return items[place] as T;
  });
}

function arithmetic(
  of: (a: number, b: number, whole: boolean) => number,
  symbolic?: (a: Dimension, b: Dimension) => Dimension | undefined,
): Rule {
  return (_, [a, b]) => {
    if (!a || !b) return undefined;
    const whole = a.type !== "float32";
    return pairwise(a, b, (x, y) => (typeof x === "number" && typeof y === "number" ? of(x, y, whole) : symbolic?.(x, y)));
  };
}

function comparison(of: (a: number, b: number) => boolean): Rule {
  // A number of images is at least 1: it never equals −1 or 0, with which exporters compare it.
  const number = (x: Dimension): number => (typeof x === "number" ? x : Number.POSITIVE_INFINITY);
  return (_, [a, b]) => a && b && pairwise(a, b, (x, y) => (of(number(x), number(y)) ? 1 : 0), "bool");
}

function unary(of: (x: number) => number): Rule {
  return (_, [a]) => a && like(a, numbers(a)?.map(of));
}

const same: Rule = (_, [a]) => a;

const gather: Rule = (_, [a, index]) => {
  const places = index && numbers(index);
  if (a?.shape.length !== 1 || !places || places.some((place) => place < -a.items.length || place >= a.items.length)) return undefined;
  const items = places.map((place) => a.items[place < 0 ? place + a.items.length : place] as Dimension);
  return { type: a.type, shape: index.shape, items };
};

/** Along the first axis of a list or a table. */
const slice: Rule = (_, [a, starts, ends, axes, steps]) => {
  const [start, end, axis = 0, step = 1] = [starts, ends, axes, steps].map((known) => known && numbers(known)?.[0]);
  if (!a || start === undefined || end === undefined || axis !== 0 || Math.abs(step) !== 1) return undefined;
  const [rows = 0, ...width] = a.shape;
  const count = width[0] ?? 1;
  const all = Array.from({ length: rows }, (__, i) => a.items.slice(i * count, (i + 1) * count));
  const at = (place: number): number => (place < 0 ? place + rows : place);
  const kept = step === 1 ? all.slice(at(start), at(end)) : all.slice(Math.max(0, at(end) + 1), at(start) + 1).reverse();
  return { type: a.type, shape: [kept.length, ...width], items: kept.flat() };
};

const reshape: Rule = (_, [a, target]) => {
  const sizes = target && numbers(target);
  if (!a || !sizes || sizes.length > 2 || sizes.includes(0)) return undefined;
  const rest = sizes.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  return { ...a, shape: sizes.map((size) => (size === -1 ? a.items.length / rest : size)) };
};

const transpose: Rule = (_, [a]) => {
  const [rows, columns] = a?.shape ?? [];
  if (!a || rows === undefined || columns === undefined) return undefined;
  const items = Array.from({ length: columns }, (__, j) => Array.from({ length: rows }, (___, i) => a.items[i * columns + j] as Dimension));
  return { type: a.type, shape: [columns, rows], items: items.flat() };
};

const squeeze: Rule = (_, [a]) => (a?.items.length === 1 ? { ...a, shape: [] } : undefined);

const unsqueeze: Rule = (node, [a, axes]) => {
  const count = (axes ? numbers(axes) : intsAttribute(node, "axes"))?.length;
  return a?.shape.length === 0 && count === 1 ? listOf(a.type, a.items) : undefined;
};

const concat: Rule = (_, inputs) => {
  const [first] = inputs;
  if (!first || inputs.some(({ shape }) => shape.length !== 1)) return undefined;
  if (inputs.reduce((sum, { items }) => sum + items.length, 0) > LONGEST) return undefined;
  return listOf(
    first.type,
    inputs.flatMap(({ items }) => items),
  );
};

const cast: Rule = (node, [a]) => {
  const to = intAttribute(node, "to", 7);
  const type: ElementType = to === 1 ? "float32" : to === 9 ? "bool" : to === 6 ? "int32" : "int64";
  if (!a) return undefined;
  const items = type === "float32" || a.type !== "float32" ? a.items : numbers(a)?.map(Math.trunc);
  return items && { type, shape: a.shape, items };
};

const where: Rule = (_, [condition, a, b]) => {
  const both = a && b && broadcast(a.shape, b.shape);
  const shape = condition && both && broadcast(both, condition.shape);
  if (!shape || shape.length > 2 || sizeOf(shape) > LONGEST) return undefined;
  const [tests, yes, no] = [condition, a, b].map((known) => itemsIn(known, shape)) as [Dimension[], Dimension[], Dimension[]];
  return { type: a.type, shape, items: tests.map((test, i) => (test === 0 ? no[i] : yes[i]) as Dimension) };
};

const filled: Rule = (node, [shape]) => {
  const length = shape && numbers(shape);
  const [count = 1] = length ?? [];
  if (!length || length.length > 1 || !Number.isInteger(count) || count < 0 || count > LONGEST) return undefined;
  const value = node.attributes.value;
  const [item, type] = value?.kind === "tensor" ? [Number(value.value.data[0]), value.value.type] : [0, "float32" as const];
  return { type, shape: length, items: Array<number>(count).fill(item) };
};

const range: Rule = (_, inputs) => {
  const [start, limit, delta] = inputs.map((known) => known && numbers(known)?.[0]);
  if (start === undefined || limit === undefined || !delta) return undefined;
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  if (length > LONGEST) return undefined;
  return listOf(
    (inputs[0] as Known).type,
    Array.from({ length }, (__, i) => start + i * delta),
  );
};

const RULES: Readonly<Record<string, Rule>> = {
  Identity: same,
  Cast: cast,
  Gather: gather,
  Slice: slice,
  Squeeze: squeeze,
  Reshape: reshape,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Where: where,
  ConstantOfShape: filled,
  Range: range,
  ReduceProd: (node, [a]) => a && { type: a.type, shape: intAttribute(node, "keepdims", 1) === 0 ? [] : [1], items: [productOf(a.items)] },
  Add: arithmetic(
    (a, b) => a + b,
    (a, b) => (a === 0 ? b : b === 0 ? a : undefined),
  ),
  Sub: arithmetic(
    (a, b) => a - b,
    (a, b) => (b === 0 ? a : a === b ? 0 : undefined),
  ),
  Mul: arithmetic(
    (a, b) => a * b,
    (a, b) => productOf([a, b]),
  ),
  Div: arithmetic(
    (a, b, whole) => (whole ? Math.trunc(a / b) : a / b),
    (a, b) => quotientOf(a, b),
  ),
  Mod: arithmetic((a, b) => ((a % b) + b) % b),
  Max: arithmetic((a, b) => Math.max(a, b)),
  Min: arithmetic((a, b) => Math.min(a, b)),
  Equal: comparison((a, b) => a === b),
  Less: comparison((a, b) => a < b),
  Greater: comparison((a, b) => a > b),
  Not: (_, [a]) =>
    a &&
    like(
      a,
      numbers(a)?.map((item) => (item === 0 ? 1 : 0)),
    ),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
};
