// The page that sets fastai's first lesson beside thaw: its JavaScript, put together, runs as a person would run it.

import { expect, test } from "vitest";
import { runPage } from "./run-page.ts";

test("the lesson's lines are one program that trains, looks at its results and saves a classifier", async () => {
  const smaller = [["const sz = 224;", "const sz = 64;"]] as const;
  const { stdout, files } = await runPage("docs/lesson.md", { data: "data/dogscats", count: 12, smaller });
  expect(stdout.match(/^\d+ [\d.]+ [\d.]+ [01]\.\d{4}$/gm)).toHaveLength(15);
  expect(stdout).toMatch(/^with test-time augmentation [01]/m);
  expect(files).toEqual(
    expect.arrayContaining([
      ...["Correctly classified.png", "Most incorrect cats.png", "Most correct dogs.png", "Most uncertain cats.png", "batch.png"],
      ...["lr-find.svg", "lr-find-rates.svg", "rates.svg", "confusion.svg", "224-last-layer", "dogscats-model"],
    ]),
  );
}, 300_000);
