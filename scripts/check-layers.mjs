// Fails when a file under ./src imports against the order of layers (.dependency-cruiser.cjs), and when there is nothing to check,
// which would otherwise pass unseen.

import { cruise, format } from "dependency-cruiser";
import rules from "../.dependency-cruiser.cjs";

const { options, ...ruleSet } = rules;
const { output } = await cruise(["src"], { ...options, validate: true, ruleSet });
const sources = output.modules.filter(({ source }) => source.startsWith("src/")).length;

if (sources === 0) {
  console.error("No source files were found under src, so nothing was checked");
  process.exitCode = 1;
} else {
  const report = await format(output, { outputType: "err" });
  console.log(`${sources} source files checked`);
  if (report.exitCode > 0) {
    console.error(report.output);
    process.exitCode = 1;
  }
}
