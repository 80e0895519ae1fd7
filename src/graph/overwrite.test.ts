// An output may be written over an input only if nothing reads the input at the same time or later.

import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.ts";
import { overwritable } from "./overwrite.ts";
import type { Value } from "./types.ts";

test("an output may overwrite an input that only what it is computed from reads", () => {
  const graph = new GraphBuilder();
  const [state, gradient] = [graph.input("state", "float32", [2]), graph.input("gradient", "float32", [2])];
  const built = graph.build({ next: graph.add("Add", [graph.add("Mul", [state, graph.scalar(0.9)]), gradient]) });
  expect(overwritable(built, [["state", "next"]])).toEqual(new Set(["state"]));
});

test("an output must not overwrite an input that its own node reads, that another branch reads, also under another shape, or that is an output", () => {
  const graph = new GraphBuilder();
  const names = ["own", "branch", "kept", "view"];
  const [own, branch, kept, view] = names.map((name) => graph.input(name, "float32", [2])) as [Value, Value, Value, Value];
  const twice = (value: Value): Value => graph.add("Add", [value, value]);
  const row = graph.add("Reshape", [view, graph.ints([1, 2])]);
  const built = graph.build({
    "own.next": graph.add("Neg", [own]),
    "branch.next": graph.add("Neg", [twice(branch)]),
    other: graph.add("Exp", [branch]),
    "kept.next": graph.add("Neg", [twice(kept)]),
    kept,
    "view.next": graph.add("Neg", [graph.add("Reshape", [twice(row), graph.ints([2])])]),
    row: graph.add("Exp", [row]),
  });
  const pairs = names.map((name) => [name, `${name}.next`] as const);
  expect(overwritable(built, pairs)).toEqual(new Set());
});
