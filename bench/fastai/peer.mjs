// One side as a process that does a stage when asked and answers with a line of JSON. A side that is not asked is idle.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Starts `command` and waits until it is ready; `ask` runs a stage, `stop` ends the process. Throws with its error output when it fails. */
export async function startPeer([command, ...args]) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-4000);
  });
  child.stdin.on("error", () => {});
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(" ")} ended with ${await ended}:\n${errors}`);
    return JSON.parse(value);
  };
  const versions = await answer();
  return {
    versions,
    ask(stage) {
      child.stdin.write(`${stage}\n`);
      return answer();
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
