// Fails when a file under ./src or ./test imports against the rules of .dependency-cruiser.cjs, and when there is nothing to check, which would
// otherwise pass unseen.

import { existsSync } from "node:fs";
import { cruise } from "dependency-cruiser";
import rules from "../.dependency-cruiser.cjs";

const { options, ...ruleSet } = rules;
const { output } = await cruise(["src", "test"].filter(existsSync), { ...options, validate: true, ruleSet });
const sources = output.modules.filter(({ source }) => source.startsWith("src/")).length;

console.log(`${sources} source files checked`);
if (sources === 0) console.error("No source files were found under src, so nothing was checked");
for (const { rule, from, to, cycle = [], via = [] } of output.summary.violations) {
  const names = cycle.length + via.length > 0 ? [...cycle, ...via].map(({ name }) => name) : [to];
  console.error(`${rule.name}: ${[from, ...names].filter((name, i, all) => name !== all[i - 1]).join(" → ")}`);
  console.error(`  ${ruleSet.forbidden.find(({ name }) => name === rule.name).comment}`);
}
if (sources === 0 || output.summary.violations.length > 0) process.exitCode = 1;
