// The thaw side of one row of the table: a process that does one round of the row's work when asked. Runs the built package.
// Protocol (side.mjs): prints "ready" once warm; each line "round" is answered with the round's milliseconds.

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { taskOf } from "./tasks.mjs";

const { values } = parseArgs({ options: { task: { type: "string" }, threads: { type: "string" } } });
const work = await taskOf(JSON.parse(values.task), { threads: Number(values.threads) });
await work();
await work();
console.log(`ready ${JSON.stringify({ node: process.version })}`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "round") break;
  const start = performance.now();
  await work();
  console.log(performance.now() - start);
}
process.exit(0);
