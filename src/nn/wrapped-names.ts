// Names of tensors in files that a training program saved around a network: under a prefix ("model.", "module."), or numbered by fastai.

import type { Tensor } from "../core/tensor.ts";
import type { ParameterSpec } from "./scope.ts";

type Tensors = ReadonlyMap<string, Tensor<"float32">>;

/** The most prefixes in a row, such as "module.model.". */
const DEEPEST = 3;

/** `tensors` under other names that they might have without a wrapper, the likeliest first, beginning with their own. */
export function unwrapped(tensors: Tensors, body: readonly ParameterSpec[]): readonly Tensors[] {
  const found: Tensors[] = [tensors];
  for (let last = tensors; found.length <= DEEPEST; ) {
    const [first = ""] = last.keys();
    const prefix = first.slice(0, first.indexOf(".") + 1);
    if (prefix === "" || ![...last.keys()].every((name) => name.startsWith(prefix))) break;
    last = new Map([...last].map(([name, value]) => [name.slice(prefix.length), value]));
    found.push(last);
  }
  return [...found, ...found.flatMap((each) => fromFastai(each, body) ?? [])];
}

/**
 * The body of a fastai learner: part 0 of its network holds the body's layers by number, part 1 the head. Layers with parameters are, in
 * order, the first parts of the names of `body`.
 */
function fromFastai(tensors: Tensors, body: readonly ParameterSpec[]): Tensors | undefined {
  const own = [...tensors].filter(([name]) => /^0\.\d+\./.test(name));
  if (own.length === 0 || [...tensors.keys()].some((name) => !/^[01]\./.test(name))) return undefined;
  const numberOf = (name: string): number => Number(name.split(".")[1]);
  const numbers = [...new Set(own.map(([name]) => numberOf(name)))].sort((a, b) => a - b);
  const layers = [...new Set(body.map(({ name }) => name.split(".")[0] as string))];
  if (numbers.length !== layers.length) return undefined;
  return new Map(own.map(([name, value]) => [[layers[numbers.indexOf(numberOf(name))], ...name.split(".").slice(2)].join("."), value]));
}
