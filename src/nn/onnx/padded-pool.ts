// Keeps engines from merging zeros around a map into the pooling after them: padding of a pooling never counts as a maximum, zeros do, and
// ONNX Runtime merges the two all the same, so that maxima of negative values would be wrong along the edges.

import type { Value } from "../../graph/types.ts";
import type { Copier } from "./copier.ts";

/** The smallest normal number of single precision: no engine takes it for the zero that it would merge. */
const ALMOST_ZERO = 2 ** -126;

/** `x`, or if zeros were put around it, the same with almost zeros. */
export function apartFromPooling({ scope: { graph } }: Copier, x: Value): Value {
  const pad = graph.nodes.find(({ outputs }) => outputs.includes(x.name));
  if (pad?.op !== "Pad") return x;
  const [map, pads, filler, axes] = pad.inputs.map((name) => (name === "" ? undefined : graph.value(name)));
  const mode = pad.attributes.mode;
  if (mode?.kind === "string" && mode.value !== "constant") return x;
  if (filler && graph.constantOf(filler)?.data[0] !== 0) return x;
  return graph.add("Pad", [map, pads, graph.scalar(ALMOST_ZERO), axes], pad.attributes);
}
