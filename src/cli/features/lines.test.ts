import { expect, test } from "vitest";
import { trainCommand } from "./lines.ts";

test("the proposed command trains with every choice that the cache depends on, quoted for a shell", () => {
  const flags = { out: "my features", size: 128, seed: 0, arch: "resnet34", train: "a" };
  expect(trainCommand("photos", flags)).toMatch(/thaw train photos --train a --arch resnet34 --size 128 --seed 0 --cache 'my features'$/);
  expect(trainCommand("photos", { out: "features" })).toMatch(/thaw train photos --cache features$/);
});
