// The catalogue as rows: what is published, what follows from the network, and whether the weights are here.

import { sizeOf } from "../../core/tensor.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { cachedPath } from "../../nn/hub/file.node.ts";
import { defaultWeights, publishedWeights } from "../../nn/published/published.ts";
import { bodyParameters } from "../../nn/weights.ts";
import type { ModelRow } from "./lines.ts";

/** All rows, in the order of the catalogue. */
export async function catalogueRows(): Promise<readonly ModelRow[]> {
  const parameters = new Map<string, number>();
  return Promise.all(
    publishedWeights.map(async (row): Promise<ModelRow> => {
      const { architecture: network, mean, std, hub, sha256, ...facts } = row;
      const architecture = architectureOf(network);
      if (!parameters.has(network)) parameters.set(network, countOf(network));
      const here = hub ? (await cachedPath(hub)) !== undefined : architecture.shipped !== undefined;
      return {
        ...facts,
        network,
        isDefault: defaultWeights(network) === row,
        parameters: parameters.get(network) as number,
        features: architecture.features,
        mean,
        std,
        ...(hub && { hub: `${hub.repository}/${hub.file}@${hub.revision}` }),
        sha256: sha256 ?? "unpinned",
        here,
      };
    }),
  );
}

/** Weights, biases, scales and shifts of the body; running statistics are not counted. */
function countOf(network: string): number {
  const learnt = bodyParameters(architectureOf(network)).filter(({ kind }) => kind !== "mean" && kind !== "variance");
  return learnt.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
