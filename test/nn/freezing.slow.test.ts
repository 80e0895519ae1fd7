// Every network cut before each of its layer groups: the frozen part accepts batches of any size, the rest has gradients, and the position
// of the cut changes neither the loss nor the head's gradients. With ALL_NETWORKS=1 all networks, otherwise one of each family.

import { describe, expect, test } from "vitest";
import { float32, full, type Tensor } from "../../src/core/index.ts";
import { differentiate, type Graph, GraphBuilder, type Shape, softmaxCrossEntropy, type Value } from "../../src/graph/index.ts";
import { type Architecture, applyStages, createHead, describeParameters, type Scope, type Stage } from "../../src/nn/index.ts";
import { openSession } from "../../src/runtime/index.ts";
import { formulaParameters, imageBatch } from "../reference/formula.ts";
import { networks } from "./all-networks.ts";
import { runStages } from "./run-stages.ts";
import { trainingScope } from "./training-scope.ts";

/** The smallest side that every network supports. */
const SIZE = 75;
const CLASSES = 3;
const CUTS = [0, 1, 2];

/** The stages before and after the cut, which is before the first stage of group `cut`. */
function cutAt({ body, features }: Architecture, cut: number): { readonly frozen: readonly Stage[]; readonly trained: readonly Stage[] } {
  const stages = [...body, ...createHead({ features, classes: CLASSES, ps: 0 })];
  return { frozen: stages.filter(({ group }) => group < cut), trained: stages.filter(({ group }) => group >= cut) };
}

/** The shape at the cut, for an unknown number of images. */
function crossing(frozen: readonly Stage[]): Shape {
  const graph = new GraphBuilder();
  const parameter: Scope["parameter"] = (name, shape) => (graph.has(name) ? graph.value(name) : graph.input(name, "float32", shape));
  const scope = { ...trainingScope(graph), training: false, batchStatistics: false, parameter };
  return applyStages(scope, frozen, graph.input("images", "float32", ["batch", 3, SIZE, SIZE])).shape;
}

interface TrainedPart {
  readonly graph: Graph;
  /** Parameters that have a gradient. */
  readonly trained: readonly string[];
  /** Masks that drop nothing. */
  readonly masks: Readonly<Record<string, Tensor>>;
}

/** Loss and gradients of the stages after the cut, with the running statistics in batch norm. */
function trainedPart(stages: readonly Stage[], shape: readonly number[]): TrainedPart {
  const graph = new GraphBuilder();
  const scope = { ...trainingScope(graph), batchStatistics: false };
  const logits = applyStages(scope, stages, graph.input("x", "float32", shape));
  const { loss } = softmaxCrossEntropy(graph, logits, graph.input("targets", "float32", [shape[0] as number, CLASSES]));
  const specs = describeParameters(stages, shape).filter(({ kind }) => kind !== "mean" && kind !== "variance");
  const trained = specs.map(({ name }) => name);
  const gradients = differentiate(
    graph,
    loss,
    trained.map((name) => graph.value(name)),
  );
  const outputs = Object.fromEntries(gradients.map((gradient, i): [string, Value] => [`${trained[i]}.gradient`, gradient]));
  const masks = Object.fromEntries(scope.masks.map((mask) => [mask.name, full(mask.shape, 1)]));
  return { graph: graph.build({ loss, ...outputs }), trained, masks };
}

describe.each(networks)("$name", ({ architecture, skipped }) => {
  test.skipIf(skipped).each(CUTS)("has gradients for everything after a cut before group %i", (cut) => {
    const { frozen, trained } = cutAt(architecture, cut);
    const [batch, ...item] = crossing(frozen);
    expect(batch).toBe("batch");
    expect(item.every((size) => typeof size === "number")).toBe(true);
    const part = trainedPart(trained, [2, ...(item as number[])]);
    expect(part.trained.length).toBeGreaterThan(0);
    expect(part.graph.outputs).toHaveLength(1 + part.trained.length);
  });
});

test.each(networks.filter(({ name }) => /^(squeezenet1_1|mobilenet_v3_large|vit_small_patch16_224)$/.test(name)))(
  "the position of the cut in $name changes neither the loss nor the head's gradients",
  async ({ architecture }) => {
    const parameters = formulaParameters(describeParameters(cutAt(architecture, 0).trained, [1, 3, SIZE, SIZE]));
    const images = imageBatch("images", [2, 3, SIZE, SIZE]);
    const targets = float32([1, 0, 0, 0, 0, 1], [2, CLASSES]);
    const results: Record<string, Tensor>[] = [];
    for (const cut of CUTS) {
      const { frozen, trained } = cutAt(architecture, cut);
      const x = frozen.length === 0 ? images : await runStages(frozen, parameters, images);
      const part = trainedPart(trained, x.shape);
      const session = await openSession(part.graph);
      const named = describeParameters(trained, x.shape).map(({ name }): [string, Tensor] => [name, parameters.get(name) as Tensor]);
      results.push(await session.run({ x, targets, ...part.masks, ...Object.fromEntries(named) }));
      await session.release();
    }
    const [whole, ...cuts] = results as [Record<string, Tensor>, ...Record<string, Tensor>[]];
    for (const found of cuts) {
      for (const name of ["loss", "head.fc0.weight.gradient", "head.fc1.bias.gradient", "head.bn0.weight.gradient"])
        expect(found[name], name).toBeAllClose(whole[name] as Tensor, 1e-3);
    }
  },
);
