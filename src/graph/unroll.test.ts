// Several runs as one graph: what is carried goes from run to run, and everything else is each run's own.

import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.ts";
import type { Graph } from "./types.ts";
import { inRun, unrolled } from "./unroll.ts";

/** sum.next = sum + x · rate, and what was added. */
function adding(): Graph {
  const graph = new GraphBuilder();
  const [sum, x, rate] = [graph.input("sum", "float32", [2]), graph.input("x", "float32", [2]), graph.input("rate", "float32", [])];
  const added = graph.add("Mul", [graph.add("Mul", [x, graph.scalar(3)]), rate]);
  return graph.build({ added, "sum.next": graph.add("Add", [sum, added]) });
}

test("a carried value has the names of the first input and the last output, all else is named by its run", () => {
  const { inputs, outputs, constants } = unrolled(adding(), new Map([["sum", "sum.next"]]), 3);
  const own = [0, 1, 2].flatMap((run) => [inRun("x", run), inRun("rate", run)]);
  expect(inputs.map(({ name }) => name).toSorted()).toEqual(["sum", ...own].toSorted());
  expect(outputs.map(({ name }) => name).toSorted()).toEqual([inRun("added", 0), inRun("added", 1), inRun("added", 2), "sum.next"]);
  expect(constants.size).toBe(1);
});

test("each run adds its own to what the run before gave", () => {
  const graph = unrolled(adding(), new Map([["sum", "sum.next"]]), 3);
  const own = [0, 1, 2].flatMap((run) => [inRun("rate", run), inRun("x", run)]);
  expect(sourcesIn(graph, inRun("added", 1))).toEqual([inRun("rate", 1), inRun("x", 1)]);
  expect(sourcesIn(graph, "sum.next")).toEqual([...own, "sum"].toSorted());
  expect(graph.nodes.filter(({ op }) => op === "Add")).toHaveLength(3);
});

test("a value that a run passes on unchanged is carried too", () => {
  const graph = new GraphBuilder();
  const [a, b] = [graph.input("a", "float32", [1]), graph.input("b", "float32", [1])];
  const carried = new Map([
    ["a", "a.next"],
    ["b", "b.next"],
  ]);
  const swapped = unrolled(graph.build({ "a.next": b, "b.next": a }), carried, 3);
  expect([sourcesIn(swapped, "a.next"), sourcesIn(swapped, "b.next")]).toEqual([["b"], ["a"]]);
});

/** The inputs that a value is computed from. */
function sourcesIn({ nodes, inputs }: Graph, name: string): readonly string[] {
  const names = new Set(inputs.map((input) => input.name));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const sources = (value: string): readonly string[] => (names.has(value) ? [value] : (makers.get(value)?.inputs.flatMap(sources) ?? []));
  return [...new Set(sources(name))].toSorted();
}
