// What a worker of the engine's rows does all its life, beside thaw or a rival in JavaScript.
// Protocol (side.mjs): prints "ready" once warm; each line "round" is answered with the round's milliseconds.

import { createInterface } from "node:readline";

/** Does `work` twice to warm up, says so with `versions`, then once for each line that asks; ends the process with its input. */
export async function serveRounds(work, versions) {
  await work();
  await work();
  console.log(`ready ${JSON.stringify(versions)}`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "round") break;
    const start = performance.now();
    await work();
    console.log(performance.now() - start);
  }
  process.exit(0);
}
