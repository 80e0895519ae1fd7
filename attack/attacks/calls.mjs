// Makes every single system call on files of one run of each command fail, one per run, and checks that the command ends with a sentence, that
// what it had written before is whole, and that the same command then succeeds.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freshPlace, leftovers, openScene, outputsIn, run, same } from "../scene.mjs";

const [EIO, EACCES, EMFILE, ENOSPC, EROFS] = [5, 13, 24, 28, 30];
/** The errors of each kind of call, which take turns. */
const ERRORS = {
  "open-read": [EIO, EMFILE, EACCES],
  "open-write": [ENOSPC, EACCES, EMFILE, EROFS],
  read: [EIO],
  write: [ENOSPC, EIO],
  short: [ENOSPC],
  sync: [EIO, ENOSPC],
  rename: [EACCES, EIO],
  mkdir: [EROFS, ENOSPC, EACCES],
  delete: [EIO, EACCES],
  stat: [EIO, EACCES],
  list: [EIO, EMFILE],
  truncate: [EIO],
  link: [EACCES],
  realpath: [EIO],
  times: [EIO],
};

/** The commands of a quick look. */
const QUICK = ["export", "report", "download"];

export const calls = {
  name: "calls",
  title: "every system call on files, of one run of each command, failing once",
  expected:
    "exit code 0, 2, or 1 for an unreadable photograph; a sentence with the cure and no stack trace; outputs whole; repaired by the same command",
  unit: "calls",
  quick: 12,
  async prepare({ folder, quick, random }) {
    const library = join(folder, "fail-call.so");
    const source = fileURLToPath(new URL("../native/fail-call.c", import.meta.url));
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
    const scene = await openScene(folder);
    const wholes = new Map();
    const cases = [];
    for (const name of quick ? QUICK : Object.keys(scene.commands)) {
      const whole = await count(scene, name, library);
      wholes.set(name, whole);
      for (const [kind, errors] of Object.entries(ERRORS))
        for (let n = 1; n <= (whole.counts[kind] ?? 0); n++) cases.push({ name, kind, n, error: errors[n % errors.length] });
    }
    const order = random("order").shuffle(cases);
    return {
      cases: order.length,
      close: scene.close,
      attack: async (i) => {
        const { name, kind, n, error } = order[i];
        const failure = await fail(scene, order[i], library, wholes.get(name));
        return { failure: failure && `${name}, ${kind} ${n}, error ${error}: ${failure}` };
      },
    };
  },
};

const environment = (scene, library, more) => ({ LD_PRELOAD: library, FAIL_UNDER: `${scene.folder}/`, ...more });

/** Counts the calls of an undisturbed run. */
async function count(scene, name, library) {
  const command = scene.commands[name];
  const place = freshPlace(scene, command, "whole");
  const old = outputsIn(place, command);
  const file = join(scene.folder, "counts");
  // What is cached for all places is there from the second time on.
  await run(command.run(freshPlace(scene, command)));
  const { status, stderr } = await run(command.run(place), { env: environment(scene, library, { FAIL_COUNT: file }) });
  if (status !== 0 && !command.mayFail) throw new Error(`${name} ended with ${status}: ${stderr}`);
  const counts = Object.fromEntries(
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]),
  );
  return { counts, old, outputs: outputsIn(place, command), status };
}

/** What is wrong with a run of which one call failed; undefined if nothing is. */
async function fail(scene, { name, kind, n, error }, library, whole) {
  const command = scene.commands[name];
  const place = freshPlace(scene, command);
  const env = environment(scene, library, { FAIL_CALL: `${kind}:${n}:${error}` });
  const { status, signal, stdout, stderr } = await run(command.run(place), { env });
  const text = `${stdout}\n${stderr}`;
  if (signal !== null) return `it was ended by ${signal}`;
  if (/^\s+at .+[:)]\d*/m.test(text) || /node:internal/.test(text)) return `a stack trace: ${firstLine(stderr)}`;
  if (status !== 0 && status !== 2 && !(command.mayFail && status === 1)) return `it ended with ${status}: ${firstLine(stderr)}`;
  if (status === 2 && !/^error: .+\n(?:.+\n)*?hint: .+\.$/m.test(stderr)) return `no sentence with a cure: ${firstLine(stderr)}`;
  const after = outputsIn(place, command);
  const others = name === "save" ? outputsIn(scene.folder, { outputs: ["other/weights.safetensors"] }) : whole.old;
  const leftOut = /left out|cannot be read/.test(text);
  const isWhole = after.every((bytes, i) => bytes === undefined || whole.outputs[i]?.equals(bytes) || others[i]?.equals(bytes));
  if (!isWhole && !leftOut && name !== "report") return "an output is neither the old nor the new one";
  if (command.old && after.includes(undefined)) return "the old output is gone";
  if (status === 0 && command.outputs.length > 0 && !leftOut && name !== "report" && !same(after, whole.outputs))
    return "it said nothing, and its output differs";
  if (status === 2 && command.outputs.length > 0) {
    const repaired = await run((command.repair ?? command.run)(place));
    if (repaired.status !== 0) return `its repair ended with ${repaired.status}: ${firstLine(repaired.stderr)}`;
    if (!same(outputsIn(place, command), whole.outputs)) return "the repaired output differs";
    const left = leftovers(place);
    if (left.length > 0) return `it left ${left.join(", ")}`;
  }
  return existsSync(place) ? undefined : "its folder is gone";
}

function firstLine(text) {
  return text.trim().split("\n").slice(0, 3).join(" | ");
}
