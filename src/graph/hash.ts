// A hash of the function that a graph computes, to identify stored results.

import { contentOf, hashJson } from "../core/hash.ts";
import type { Attribute, Graph } from "./types.ts";

/** The SHA-256 of everything that determines the results of `graph`: operators, attributes, edges, constants, inputs and outputs. */
export function hashGraph({ nodes, inputs, outputs, constants }: Graph): string {
  return hashJson({
    nodes: nodes.map(({ op, domain, inputs: from, outputs: to, attributes }) => [
      op,
      domain,
      from,
      to,
      Object.entries(attributes).map(([name, attribute]) => [name, content(attribute)]),
    ]),
    inputs: inputs.map(({ name, type, shape }) => [name, type, shape]),
    outputs: outputs.map(({ name, type, shape }) => [name, type, shape]),
    constants: [...constants].map(([name, tensor]) => [name, contentOf(tensor)]),
  });
}

function content(attribute: Attribute): unknown {
  return attribute.kind === "tensor" ? contentOf(attribute.value) : [attribute.kind, attribute.value];
}
