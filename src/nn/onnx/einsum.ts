// The shape of an Einsum, from its equation: the file's own claim may be wrong.

import { UsageError } from "../../core/errors.ts";
import { broadcastShapes } from "../../graph/infer/rule.ts";
import type { Dimension, Node, Shape } from "../../graph/types.ts";

/** The letters of an operand or of the result, with the dots that stand for any further axes. */
const TERM = /^([a-z]*)(\.\.\.)?([a-z]*)$/i;

/** The shape that `node` computes from operands of `shapes`. Throws a UsageError if they do not fit its equation, or if there are more than two. */
export function einsumShape(node: Node, shapes: readonly Shape[]): Shape {
  const { equation } = node.attributes;
  const text = equation?.kind === "string" ? equation.value.replaceAll(" ", "") : "";
  const fail = (what: string): never => {
    throw new UsageError(`Operator Einsum (node "${node.name}") ${what}: ${text}`, "The file is damaged: export it again.");
  };
  // Between three or more the engine computes results of any size.
  if (shapes.length > 2) return fail(`has ${shapes.length} operands, of which thaw takes two`);
  const [left = "", right, ...more] = text.split("->");
  const operands = left.split(",").map((operand) => TERM.exec(operand));
  if (more.length > 0 || operands.length !== shapes.length) return fail("has an invalid equation");
  const sizes = new Map<string, Dimension>();
  const counts = new Map<string, number>();
  let rest: Shape = [];
  for (const [i, operand] of operands.entries()) {
    const shape = shapes[i] as Shape;
    if (!operand) return fail("has an invalid equation");
    const [, before = "", dots, after = ""] = operand;
    const free = shape.length - before.length - after.length;
    if (dots ? free < 0 : free !== 0) return fail(`cannot take [${shape}]`);
    const mismatch = () => fail(`cannot take [${shapes.join("] and [")}]`);
    rest = broadcastShapes(rest, shape.slice(before.length, before.length + free), mismatch);
    const axes = [...shape.slice(0, before.length), ...shape.slice(before.length + free)];
    for (const [k, letter] of [...before, ...after].entries()) {
      const [size] = broadcastShapes([sizes.get(letter) ?? 1], [axes[k] as Dimension], mismatch);
      sizes.set(letter, size as Dimension);
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  // Without a result, it has the letters that occur once, in the order of the alphabet.
  const once = [...counts].flatMap(([letter, count]) => (count === 1 ? [letter] : [])).sort();
  const result = TERM.exec(right ?? `...${once.join("")}`);
  if (!result) return fail("has an invalid equation");
  const [, before = "", dots, after = ""] = result;
  const axesOf = (letters: string): Shape => [...letters].map((letter) => sizes.get(letter) ?? fail("has an invalid equation"));
  return [...axesOf(before), ...(dots ? rest : []), ...axesOf(after)];
}
