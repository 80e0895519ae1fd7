// The table of what networks cost.

import { expect, test } from "vitest";
import { plain } from "../shared/terminal.ts";
import { measuredLines } from "./lines.ts";

test("costs are a table of images a second and megabytes, slow ones with a digit behind the point", () => {
  const common = { size: 224, bs: 16, frozenMemory: 512, trainingMemory: 2048 };
  const rows = [
    { network: "mobilenet_v2", ...common, frozen: 1234.5, training: 21.4 },
    { network: "vgg16_bn", ...common, frozen: 12.3, training: 2.34 },
  ];
  expect(measuredLines(rows, plain)).toEqual([
    "network       size  frozen/s   MB  training/s     MB",
    "mobilenet_v2   224     1,235  512          21  2,048",
    "vgg16_bn       224        12  512         2.3  2,048",
    "",
    "Images a second, 16 in a batch: frozen from pixels to features, and in training steps of all layers, without reading photographs. " +
      "MB: the most memory.",
  ]);
});
