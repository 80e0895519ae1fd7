import { expect, test } from "vitest";
import { FEW, imageSize } from "./image-size.ts";

test("few images are taken larger where a network has a larger size, and as large as the network's own from 1,000 on", () => {
  const sizes = (network: Parameters<typeof imageSize>[0]) => [1, FEW - 1, FEW, 20_000].map((train) => imageSize(network, train));
  expect(FEW).toBe(1000);
  expect(sizes({ size: 128, sharperSize: 192 })).toEqual([192, 192, 128, 128]);
  expect(sizes({ size: 224 })).toEqual([224, 224, 224, 224]);
});
