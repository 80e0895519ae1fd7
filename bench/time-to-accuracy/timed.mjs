// A process, with the time of each of its answers since it was started.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Runs `command`, which prints lines of JSON: "probe" and "epoch" are answers with their validation accuracy, "versions" says what it runs on,
 * "saved" that its result can be used. thaw's process ends by itself. A rival is ended when it has reached `target`, or after `limit` seconds.
 */
export async function timed([command, ...args], target, limit) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [errors, enough] = ["", false];
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-4000);
  });
  const end = () => {
    enough = true;
    child.kill();
  };
  const timer = setTimeout(end, 1000 * limit);
  const ended = new Promise((resolve) => child.on("close", resolve));
  const found = { versions: { node: process.version }, answers: [] };
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, ...rest } = JSON.parse(line);
    if (event === "versions") found.versions = rest;
    if (event === "saved") found.saved ??= seconds();
    if (event !== "probe" && event !== "epoch") continue;
    found.answers.push({ seconds: seconds(), what: event, accuracy: rest.accuracy });
    if (rest.ends && rest.accuracy >= target) end();
  }
  const code = await ended;
  clearTimeout(timer);
  if (code !== 0 && !enough) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${errors}`);
  return { ...found, ended: seconds(), stopped: enough };
}
