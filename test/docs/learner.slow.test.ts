// The guide of the learner: its JavaScript, put together, is one program.

import { expect, test } from "vitest";
import { runPage } from "./run-page.ts";

test("the guide's lines are one program that trains, predicts, calibrates, saves and goes on", async () => {
  const smaller = [["const size = 160;", "const size = 48;"]] as const;
  const { stdout, files } = await runPage("docs/learner.md", { data: "pictures", count: 10, smaller });
  expect(stdout).toMatch(/^\d+ parameters, of which \d+ train$/m);
  expect(stdout).toMatch(/^the finder suggests [\d.e-]+$/m);
  expect(stdout).toMatch(/^of each image [01][\d.]*, averaged over views [01][\d.]*$/m);
  expect(stdout).toMatch(/^temperature [\d.]+$/m);
  expect(files).toEqual(expect.arrayContaining(["model", "best", "snapshot_cyc_0", "snapshot_cyc_1", "history.csv"]));
}, 120_000);
