// The thaw side of one row of the table: a process that does one round of the row's work when asked. Runs the built package.

import { parseArgs } from "node:util";
import { serveRounds } from "./rounds.mjs";
import { taskOf } from "./tasks.mjs";

const { values } = parseArgs({ options: { task: { type: "string" }, threads: { type: "string" }, device: { type: "string" } } });
const session = { threads: Number(values.threads), device: values.device };
await serveRounds(await taskOf(JSON.parse(values.task), session), { node: process.version });
