// The sample pictures give the recipe something to do that it can do: pixels do not tell cats from dogs (src/sample/sample.test.ts), the
// features of the network that ships with thaw do.

import { join } from "node:path";
import { expect, test } from "vitest";
import { drawSample, train } from "../../src/index.ts";
import { temporaryFolder } from "../learner/tiny.ts";

test("the recipe tells 0.95 of the sample's cats and dogs apart", { timeout: 600_000 }, async () => {
  const folder = join(await temporaryFolder(), "pets");
  await drawSample({ folder });
  const { accuracy } = await train({ folder, seed: 42, bs: 64, force: false, onEvent: () => {} });
  expect(accuracy).toBeGreaterThan(0.95);
});
