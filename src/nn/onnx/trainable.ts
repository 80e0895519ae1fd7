// Finds which part of an exported network can be trained: differentiates each stage once and reports the first operator without a gradient.

import { differentiate } from "../../graph/backward.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Shape } from "../../graph/types.ts";
import type { Architecture, Stage } from "../scope.ts";
import type { Link } from "./chain.ts";
import { tracingScope } from "./trace.ts";

/** A stage that can only be frozen. */
export interface Obstacle {
  /** Its index among the stages. */
  readonly stage: number;
  /** Names the operator and the node. */
  readonly reason: string;
}

/** All stages without a gradient, in order; the `i`th of `stages` begins with `links[i]`. */
export function obstaclesIn(stages: readonly Stage[], links: readonly Pick<Link, "shape">[]): readonly Obstacle[] {
  return stages.flatMap((stage, i): Obstacle[] => {
    const reason = whyNot(stage, (links[i] as Link).shape);
    return reason === undefined ? [] : [{ stage: i, reason }];
  });
}

/** A saved model's stored network with the part that can only be frozen, which is not saved; any other architecture unchanged. */
export function withUntrainable(architecture: Architecture): Architecture {
  const { stored, body, size } = architecture;
  if (!stored) return architecture;
  const scope = tracingScope(new GraphBuilder());
  let x = scope.graph.input("images", "float32", [2, 3, size, size]);
  const shapes = body.map((stage) => {
    const { shape } = x;
    x = stage.apply(scope, x);
    return { shape };
  });
  const last = obstaclesIn(body, shapes).at(-1);
  return last ? { ...architecture, untrainable: { from: (body[last.stage] as Stage).group + 1, reason: last.reason } } : architecture;
}

function whyNot(stage: Stage, shape: Shape): string | undefined {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2, ...shape.slice(1)]);
  const trained = new Map([[x.name, x]]);
  const scope = tracingScope(graph);
  try {
    const y = stage.apply(
      {
        ...scope,
        training: true,
        batchStatistics: true,
        parameter(name, size, kind) {
          const value = scope.parameter(name, size, kind);
          if (kind !== "mean" && kind !== "variance") trained.set(name, value);
          return value;
        },
      },
      x,
    );
    differentiate(graph, graph.add("ReduceSum", [y], { keepdims: 0 }), [...trained.values()]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/; there are rules for .*$/, "") : String(error);
  }
}
