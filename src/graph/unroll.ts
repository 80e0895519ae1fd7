// Several runs of a graph as one graph, in which values are carried from one run to the next.

import { GraphBuilder } from "./builder.ts";
import type { Graph, Value } from "./types.ts";

/** The input or output `name` of run `run` (from 0) in an unrolled graph, unless it is carried. */
export function inRun(name: string, run: number): string {
  return `${name}@${run}`;
}

/**
 * `graph` run `times` times in a row. `carried` has the inputs that later runs take from the output of the run before, and these outputs: they
 * keep their names, as what the first run takes and the last one gives. Every run has its own other inputs and outputs, named `inRun`.
 */
export function unrolled(graph: Graph, carried: ReadonlyMap<string, string>, times: number): Graph {
  const builder = new GraphBuilder();
  for (const { name, type, shape } of graph.inputs) if (carried.has(name)) builder.input(name, type, shape);
  for (const [name, value] of graph.constants) builder.constant(value, name);
  builder.reserve([...carried.values()]);
  const results = new Set(carried.values());
  const outputs: Record<string, Value> = {};
  /** The carried inputs of a run. */
  let current = new Map([...carried.keys()].map((name) => [name, builder.value(name)]));
  for (let run = 0; run < times; run++) {
    const values = new Map(current);
    for (const { name, type, shape } of graph.inputs)
      if (!carried.has(name)) values.set(name, builder.input(inRun(name, run), type, shape));
    const valueOf = (name: string): Value => values.get(name) ?? builder.value(name);
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((name) => (name === "" ? undefined : valueOf(name)));
      const made = builder.addMany(node.op, inputs, node.attributes, node.outputs.length, { domain: node.domain });
      for (const [i, name] of node.outputs.entries()) if (name !== "") values.set(name, made[i] as Value);
    }
    for (const { name } of graph.outputs) if (!results.has(name)) outputs[inRun(name, run)] = valueOf(name);
    current = new Map([...carried].map(([input, output]) => [input, valueOf(output)]));
  }
  for (const [input, output] of carried) outputs[output] = current.get(input) as Value;
  return builder.build(outputs);
}
