import { describe, expect, test } from "vitest";
import { imageSize } from "../image-size.ts";
import type { Architecture } from "../scope.ts";
import { bestNetwork, estimatedSeconds, fittingNetworks, isBetter, shippedNetwork } from "./candidates.ts";
import type { MeasuredNetwork } from "./measured.ts";

const network = (weights: string, accuracy: number, seconds: number): MeasuredNetwork => ({ weights, accuracy, seconds, megabytes: 10 });
const small = network("thaw_small", 0.75, 10);
const middle = network("mobilenetv2_100.ra_in1k", 0.9, 20);
const large = network("tf_efficientnet_lite2.in1k", 0.91, 80);
const all = [small, middle, large];
const sizeOf = ({ size }: Architecture) => size;
const names = (networks: readonly MeasuredNetwork[]) => networks.map(({ weights }) => weights);

test("a network that is a point better is not worth the time, and one that is ten better is", () => {
  expect(bestNetwork(all)).toBe(middle);
  expect(bestNetwork([small, large])).toBe(large);
  expect([isBetter(large, middle), isBetter(middle, small), isBetter(small, middle)]).toEqual([false, true, false]);
});

test("seconds follow the photographs, the cores, and the pixels", () => {
  expect(estimatedSeconds(middle, { photographs: 4000, cores: 2, sizeOf })).toBeCloseTo(20);
  expect(estimatedSeconds(middle, { photographs: 4000, cores: 1, sizeOf: () => 112 })).toBeCloseTo(10);
});

describe("what fits the time", () => {
  test("is all for a few thousand photographs", () => {
    expect(fittingNetworks(all, { photographs: 2000, cores: 2, sizeOf })).toEqual(all);
  });

  test("leaves out the slow ones for very many photographs", () => {
    expect(names(fittingNetworks(all, { photographs: 60_000, cores: 2, sizeOf }))).toEqual(names([small, middle]));
    expect(names(fittingNetworks(all, { photographs: 60_000, cores: 8, sizeOf }))).toEqual(names(all));
  });

  test("takes half of a time limit", () => {
    const within = (time: number) => names(fittingNetworks(all, { photographs: 2000, cores: 2, time, sizeOf }));
    expect(within(80)).toEqual(names(all));
    expect(within(79)).toEqual(names([small, middle]));
    expect(within(19)).toEqual(names([small]));
  });

  test("counts each network at the size that it will be given", () => {
    const lite = network("tf_efficientnet_lite0.in1k", 0.92, 40);
    const within = (time: number, train: number) =>
      names(
        fittingNetworks([small, lite], {
          photographs: 1000,
          cores: 1,
          time,
          sizeOf: (architecture) => imageSize(architecture, train),
        }),
      );
    // 20 seconds at its own 224 pixels, and 33 at 288.
    expect(within(40, 1000)).toEqual(names([small, lite]));
    expect(within(40, 999)).toEqual(names([small]));
    expect(within(67, 999)).toEqual(names([small, lite]));
  });

  test("is the fastest where nothing fits", () => {
    expect(fittingNetworks(all, { photographs: 2000, cores: 1, time: 1, sizeOf })).toEqual([small]);
  });
});

test("one of the measured networks ships with thaw", () => {
  expect(shippedNetwork.weights).toBe("thaw_small");
});
