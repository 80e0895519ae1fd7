import { expect, test } from "vitest";
import { adam, sgd } from "../step/optimizer.ts";
import { DecayType, decayed, phaseSteps, phaseValues } from "./phases.ts";

test.each([
  ["no", DecayType.NO, 1],
  ["linear", DecayType.LINEAR, 0.775],
  ["cosine", DecayType.COSINE, 0.1 + 0.45 * (1 + Math.SQRT1_2)],
  ["exponential", DecayType.EXPONENTIAL, 10 ** -0.25],
  ["polynomial", DecayType.POLYNOMIAL(2), 0.1 + 0.9 * 0.5625],
])("a quarter of the way from 1 to 0.1, %s decay is at its value", (_, decay, value) => {
  expect(decayed(decay, 1, 0.1, 0.25)).toBeCloseTo(value, 12);
  expect(decayed(decay, 1, 0.1, 0)).toBe(1);
});

test("a phase's length is its epochs' batches, of a fraction too, and at least one", () => {
  expect([1, 0.5, 2.5, 0.001].map((epochs) => phaseSteps({ epochs }, 10))).toEqual([10, 5, 25, 1]);
  expect(() => phaseSteps({ epochs: 0 }, 10)).toThrow("Expected a positive number for a phase's epochs but received 0");
});

test("rates, momentum and weight decays move as the phase says, for each group", () => {
  const values = phaseValues(
    {
      lr: { start: [0.1, 1], end: [0.01, 0.1] },
      lrDecay: DecayType.EXPONENTIAL,
      momentum: { start: 0.9, end: 0.7 },
      momentumDecay: DecayType.LINEAR,
      wds: [0, 0.1],
    },
    2,
    sgd(),
  );
  expect(values(0.5)).toEqual({
    lrs: [expect.closeTo(0.1 / Math.sqrt(10)), expect.closeTo(1 / Math.sqrt(10))],
    momentum: expect.closeTo(0.8),
    weightDecays: [0, 0.1],
  });
});

test("left out, the end of a decay is 0 and the momentum the optimiser's", () => {
  const values = phaseValues({ lr: 0.2, lrDecay: DecayType.LINEAR }, 1, adam({ beta1: 0.8 }));
  expect(values(0.5)).toEqual({ lrs: [0.1], momentum: 0.8, weightDecays: [0] });
});

test("a decay that its values cannot follow is refused with the cure", () => {
  expect(() => phaseValues({ lr: 0.1, lrDecay: DecayType.EXPONENTIAL }, 1, sgd())).toThrow(
    "Expected positive numbers for its start and end for lr with exponential decay but received 0.1",
  );
  expect(() => phaseValues({ lr: { start: 1, end: 0.1 } }, 1, sgd())).toThrow('Expected a decay other than "no" for lrDecay');
  expect(() => phaseValues({ lrDecay: DecayType.POLYNOMIAL(0) }, 1, sgd())).toThrow("Expected a positive power");
});
