// The effect of a model's calibration on its answers.

import { expect, test } from "vitest";
import { loadClassifier } from "../../src/index.ts";
import { makeModel, picture } from "../fixtures/models.ts";

async function predict(changes: Parameters<typeof makeModel>[0]) {
  const model = await loadClassifier(await makeModel(changes));
  const result = await model.predict(await picture());
  await model.dispose();
  return result;
}

test("a temperature divides the outputs before the softmax, and before the sigmoid of labels", async () => {
  const [plain, warm] = [await predict({}), await predict({ calibration: { temperature: 4 } })];
  expect(plain.every(({ present }) => present === undefined)).toBe(true);
  // For two classes the log-odds are the difference of the outputs.
  const odds = ([first, second]: typeof plain): number => Math.log(first!.probability / second!.probability);
  expect(odds(warm)).toBeCloseTo(odds(plain) / 4, 4);
  const target = { kind: "multi", threshold: 0.5 } as const;
  const classes = ["beach", "rain", "sun"];
  const [label, warmLabel] = [await predict({ classes, target }), await predict({ classes, target, calibration: { temperature: 4 } })];
  const logit = (result: typeof plain): number[] => result.map(({ probability }) => Math.log(probability / (1 - probability)));
  expect(logit(warmLabel)).toBeAllClose(
    logit(label).map((each) => each / 4),
    1e-3,
  );
});

test("below noneBelow no class is present, above it the best one is", async () => {
  const at = async (noneBelow: number) => predict({ calibration: { temperature: 4, noneBelow } });
  const best = (await at(0.5))[0]!.probability;
  expect(best).toBeGreaterThan(0.6);
  expect((await at(best - 0.01)).map(({ class: name, present }) => [name, present])).toEqual([
    ["cats", true],
    ["dogs", false],
  ]);
  expect((await at(best + 0.01)).map(({ present }) => present)).toEqual([false, false]);
});
