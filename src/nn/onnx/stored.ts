// Writes the body of an imported network as an ONNX file without its weights, which a saved model stores beside them, and reads it back.

import { UsageError } from "../../core/errors.ts";
import { encodeModel } from "../../graph/model.ts";
import { readSource } from "../../graph/source/read.ts";
import type { Node, Value } from "../../graph/types.ts";
import type { Architecture, ParameterSpec, StoredNetwork } from "../scope.ts";
import { architectureAlong } from "./architecture.ts";
import { type Link, linksOf } from "./chain.ts";
import { kindAt } from "./parameters.ts";
import { type NetworkTrace, traceNetwork } from "./trace.ts";

/** The bytes of the network up to `end`: its inputs are the images and, in order, the parameters. */
export function storeBody({ network, shapes }: NetworkTrace, end: Link): Uint8Array {
  const { graph, image, parameters } = network;
  const needed = new Set([end.name]);
  const nodes: Node[] = [];
  for (const node of graph.nodes.slice(0, end.position).toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  const images: Value = { name: image, type: "float32", shape: shapes.get(image) as readonly number[] };
  const specs = [...parameters.values()].filter(({ name }) => needed.has(name));
  return encodeModel({
    nodes: nodes.reverse(),
    inputs: [images, ...specs.map(({ name, shape }): Value => ({ name, type: "float32", shape }))],
    outputs: [{ name: end.name, type: "float32", shape: end.shape }],
    constants: new Map([...graph.constants].filter(([name]) => needed.has(name))),
    types: graph.types,
  });
}

/** The architecture of a stored body. Throws a UsageError if `stored` is not one. */
export function openStored(name: string, { bytes, form, split }: StoredNetwork, size: number): Architecture {
  const graph = readSource(bytes, refuseExternal);
  const [image, ...others] = graph.inputs;
  const [output] = graph.outputs;
  if (!image || output === undefined) throw damaged(name);
  const users = new Map(graph.nodes.toReversed().flatMap((node) => node.inputs.map((input) => [input, node] as const)));
  const parameters = new Map(
    others.map(({ name: parameter, shape }) => [parameter, specOf(users.get(parameter), parameter, shape as number[])]),
  );
  const [, first] = image.shape;
  const trace = traceNetwork({ graph, image: image.name, parameters }, first === 3 ? [1, 3, size, size] : [1, size, size, 3]);
  if (trace.failure) throw damaged(name);
  const links = linksOf(trace, output);
  if (links.at(-1)?.name !== output || !links.some((link) => link.name === split)) throw damaged(name);
  return { ...architectureAlong(trace, links, { name, form, split, size }), stored: { bytes, form, split } };
}

/** `user` is the first node that reads the parameter. */
function specOf(user: Node | undefined, name: string, shape: readonly number[]): ParameterSpec {
  return { name, shape, kind: (user && kindAt(user, user.inputs.indexOf(name))) ?? "weight" };
}

function refuseExternal(location: string): never {
  throw new UsageError(`The model's network refers to another file ("${location}")`, "Copy the model folder again, or train again.");
}

function damaged(name: string): UsageError {
  return new UsageError(`The model's network ${name} was not saved by thaw`, "Copy the model folder again, or train again.");
}
