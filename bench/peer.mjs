// One side of a comparison as a process of its own: it says when it is ready, then answers each line with a line. A side that is not asked is
// idle, so that two sides can take turns on the same cores.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Starts `command` and waits for its first line, `ready`. `ask(line)` gives its answer, `stop()` ends it, and `signal` kills it. Throws with the end
 * of its error output when it fails.
 */
export async function startPeer([command, ...args], env = {}, signal = undefined) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env }, signal, killSignal: "SIGKILL" });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-4000);
  });
  child.stdin.on("error", () => {});
  child.on("error", ({ message }) => {
    errors += message;
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(" ")} ended with ${await ended}:\n${errors}`);
    return value;
  };
  return {
    ready: await answer(),
    pid: child.pid,
    ask(line) {
      child.stdin.write(`${line}\n`);
      return answer();
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
