// The contract of the engines covers every operator that the networks' training graphs are made of.

import { expect, test } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { architectures } from "../../src/nn/catalogue.ts";
import { createHead } from "../../src/nn/head.ts";
import { trainingScope } from "../nn/training-scope.ts";
import cases from "./operators.json" with { type: "json" };

test("operators.json has a case for every operator of every network", () => {
  const covered = new Set(cases.map(({ op }) => op));
  const missing = architectures.flatMap(({ name, body, features, classifier, size }) =>
    [classifier, createHead({ features, classes: 2 })].flatMap((last) => {
      const graph = new GraphBuilder();
      const scope = trainingScope(graph);
      const image = graph.input("image", "float32", [2, 3, size, size]);
      const output = [...body, ...last].reduce((x, stage) => stage.apply(scope, x), image);
      return graph
        .build({ output })
        .nodes.filter(({ op }) => !covered.has(op))
        .map(({ op }) => `${op} of ${name}`);
    }),
  );
  expect(missing).toEqual([]);
});
