// Attacks that are tests of the repository, run with more cases than in the suite.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const row = (name, title, expected, unit, files, env = {}) => ({
  name,
  title,
  expected,
  unit,
  quick: 1,
  prepare: async ({ quick }) => ({
    cases: 1,
    attack: () => vitest(files, quick ? {} : env),
  }),
});

export const tests = [
  row("lies", "servers that lie", "the right file or a refusal; bounded time, memory and disk", "lies", ["src/nn/hub/lies"]),
  row("flips", "downloads with a flipped or a missing byte", "refused and deleted", "downloads", ["src/nn/hub/flips"], { FLIPS: "200" }),
];

/** Runs test files; counts their tests, or the cases that they report. */
function vitest(files, env) {
  const folder = mkdtempSync(join(tmpdir(), "thaw-attack-tests-"));
  const report = join(folder, "report.json");
  const args = [
    "vitest",
    "run",
    "--project",
    "node",
    "--project",
    "slow",
    "--maxWorkers=1",
    "--reporter=json",
    `--outputFile=${report}`,
    ...files,
  ];
  return new Promise((resolve) =>
    execFile("npx", args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 2 ** 28 }, () => {
      const { testResults } = JSON.parse(readFileSync(report, "utf8"));
      rmSync(folder, { recursive: true });
      const all = testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status !== "skipped" && status !== "pending");
      const failed = all.filter(({ status }) => status === "failed");
      resolve({
        count: Number(env.FLIPS ?? all.length),
        failure: failed.length > 0 || all.length === 0 ? failed.map(({ fullName }) => fullName).join("; ") || "no test ran" : undefined,
      });
    }),
  );
}
