import { expect, test } from "vitest";
import { zeros } from "../../core/tensor.ts";
import { createHead } from "../../nn/head.ts";
import { initialiseParameters } from "../../nn/initialise.ts";
import { describeParameters } from "../../nn/scope.ts";
import { stillTrainer } from "./still-trainer.ts";

test("a step of a still trainer does the work of one for batches of any size, and leaves the parameters it was given", async () => {
  const stages = createHead({ features: 4, classes: 2, hidden: [3] }).slice(1);
  const parameters = initialiseParameters(describeParameters(stages, [2, 8]), "still");
  const before = structuredClone([...parameters]);
  const trainer = stillTrainer({ stages, inputType: "float32", itemShape: [8], classes: 2, parameters, session: {} }, 3);
  await trainer.step(zeros("float32", [2, 8]));
  await trainer.step(zeros("float32", [5, 8]));
  await trainer.release();
  expect([...parameters]).toEqual(before);
});
