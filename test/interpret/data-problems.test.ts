// Data problems of a tiny data set. What is found among real photographs is in photographs.slow.test.ts.

import { expect, test } from "vitest";
import { ConvLearner, findDataProblems, type Progress } from "../../src/index.ts";
import { makePictures, makeWeights, tiny, tinyData } from "../learner/tiny.ts";

test("each task of the search is reported to its end", async () => {
  const learner = await ConvLearner.pretrained(tiny, await tinyData(await makePictures(12, 6)), { weights: await makeWeights() });
  const last = new Map<string, Progress>();
  await findDataProblems(learner, { onProgress: (progress) => void last.set(progress.task, progress) });
  await learner.dispose();
  expect([...last.keys()]).toContain("Ranking labels");
  expect([...last.values()].filter(({ done, total }) => done !== total)).toEqual([]);
});
