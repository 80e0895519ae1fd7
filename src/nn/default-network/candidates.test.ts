import { describe, expect, test } from "vitest";
import { bestNetwork, estimatedSeconds, fittingNetworks, isBetter, shippedNetwork } from "./candidates.ts";
import type { MeasuredNetwork } from "./measured.ts";

const network = (weights: string, accuracy: number, seconds: number): MeasuredNetwork => ({ weights, accuracy, seconds, megabytes: 10 });
const small = network("thaw_small", 0.75, 10);
const middle = network("mobilenetv2_100.ra_in1k", 0.9, 20);
const large = network("tf_efficientnet_lite2.in1k", 0.91, 80);
const all = [small, middle, large];
const names = (networks: readonly MeasuredNetwork[]) => networks.map(({ weights }) => weights);

test("a network that is a point better is not worth the time, and one that is ten better is", () => {
  expect(bestNetwork(all)).toBe(middle);
  expect(bestNetwork([small, large])).toBe(large);
  expect([isBetter(large, middle), isBetter(middle, small), isBetter(small, middle)]).toEqual([false, true, false]);
});

test("seconds follow the photographs, the cores, and the pixels", () => {
  expect(estimatedSeconds(middle, { photographs: 4000, cores: 2 })).toBeCloseTo(20);
  expect(estimatedSeconds(middle, { photographs: 4000, cores: 1, size: 112 })).toBeCloseTo(10);
});

describe("what fits the time", () => {
  test("is all for a few thousand photographs", () => {
    expect(fittingNetworks(all, { photographs: 2000, cores: 2 })).toEqual(all);
  });

  test("leaves out the slow ones for very many photographs", () => {
    expect(names(fittingNetworks(all, { photographs: 60_000, cores: 2 }))).toEqual(names([small, middle]));
    expect(names(fittingNetworks(all, { photographs: 60_000, cores: 8 }))).toEqual(names(all));
  });

  test("takes half of a time limit", () => {
    const within = (time: number) => names(fittingNetworks(all, { photographs: 2000, cores: 2, time }));
    expect(within(80)).toEqual(names(all));
    expect(within(79)).toEqual(names([small, middle]));
    expect(within(19)).toEqual(names([small]));
  });

  test("is the fastest where nothing fits", () => {
    expect(fittingNetworks(all, { photographs: 2000, cores: 1, time: 1 })).toEqual([small]);
  });
});

test("one of the measured networks ships with thaw", () => {
  expect(shippedNetwork.weights).toBe("thaw_small");
});
