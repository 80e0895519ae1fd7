// Runs commands one after another in one process, which saves starting it: takes lines of JSON on standard input, {"args", "call"}, and answers
// each with {"status", "stdout", "stderr", "counts"}. Preloaded with native/fail-call.c, one call of each can be made to fail.

import { openSync, readSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { buildProgram } from "../../dist/cli/program.js";
import { printError } from "../../dist/cli/shared/error.js";
import { hubFile } from "../../dist/nn/hub/file.node.js";
import { saveInTurn } from "./save.mjs";

const control = openSync(process.env.FAIL_CONTROL, "r+");
const HEAD = 4;
const KINDS = 15;
const answer = process.stdout.write.bind(process.stdout);
const texts = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"])
  process[name].write = (text, ...more) => {
    texts[name] += text;
    more.findLast((value) => typeof value === "function")?.();
    return true;
  };

for await (const line of createInterface({ input: process.stdin })) {
  const { args, call } = JSON.parse(line);
  Object.assign(texts, { stdout: "", stderr: "" });
  set([call?.kind ?? -1, call?.turn ?? 0, call?.code ?? 0, -1, ...Array(KINDS).fill(0)]);
  const status = await run(args);
  const counts = [...get().subarray(HEAD)];
  set([-1, 0, 0, -1]);
  answer(`${JSON.stringify({ status, ...texts, counts })}\n`);
}

async function run([command, ...args]) {
  let status = 0;
  try {
    if (command === "save") await saveInTurn(...args);
    else if (command === "download") await download(...args);
    else
      await buildProgram((code) => {
        status = code;
      }).parseAsync([command, ...args], { from: "user" });
    return status;
  } catch (error) {
    return printError(error);
  }
}

function download(address, home) {
  const file = { repository: "owner/name", file: "model.safetensors", revision: "main" };
  return hubFile(file, { env: { HF_ENDPOINT: address, HF_HOME: home }, patience: 20 });
}

function set(numbers) {
  writeSync(control, Int32Array.from(numbers), 0, 4 * numbers.length, 0);
}

function get() {
  const numbers = new Int32Array(HEAD + KINDS);
  readSync(control, numbers, 0, numbers.byteLength, 0);
  return numbers;
}
