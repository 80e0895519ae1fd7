// Makes every single system call on files of one run of each command fail, one per run, and checks that the command ends with a sentence, that
// what it had written before is whole, and that the same command then succeeds.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freshPlace, leftovers, outputsIn, same } from "../scene.mjs";
import { openServer } from "../server.mjs";

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

/** In the order of native/fail-call.c. */
const KINDS = Object.keys(ERRORS);
/** The commands of a quick look. */
const QUICK = ["export", "report", "download"];

export const calls = {
  name: "calls",
  title: "every system call on files, of one run of each command, failing once",
  expected:
    "exit code 0, 2, or 1 for an unreadable photograph; a sentence with the cure and no stack trace; outputs whole; repaired by the same command",
  unit: "calls",
  quick: 12,
  async prepare({ openScene, folder, quick, random, jobs }) {
    const library = join(folder, "fail-call.so");
    const source = fileURLToPath(new URL("../native/fail-call.c", import.meta.url));
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
    const scene = await openScene();
    const open = () => openFailing(library, scene.folder);
    // Repairs have a process of their own, as the same command called again has.
    const servers = Array.from({ length: jobs }, () => ({ failing: open(), repairing: open() }));
    const wholes = new Map();
    const cases = [];
    for (const name of quick ? QUICK : Object.keys(scene.commands)) {
      const whole = await count(scene, name, servers[0].failing);
      wholes.set(name, whole);
      for (const [kind, called] of KINDS.entries()) {
        const errors = ERRORS[called];
        for (let turn = 1; turn <= whole.counts[kind]; turn++) cases.push({ name, kind, turn, code: errors[turn % errors.length] });
      }
    }
    const order = random("order").shuffle(cases);
    return {
      cases: order.length,
      close() {
        for (const { failing, repairing } of servers) for (const server of [failing, repairing]) server.close();
      },
      attack: async (i, job) => {
        const { name, kind, turn, code } = order[i];
        const failure = await fail(scene, order[i], servers[job], wholes.get(name));
        return { failure: failure && `${name}, ${KINDS[kind]} ${turn}, error ${code}: ${failure}` };
      },
    };
  },
};

/** A process that runs commands, of which a call on a file in `folder` can be made to fail. */
function openFailing(library, folder) {
  const control = join(mkdtempSync(join(tmpdir(), "thaw-fail-")), "control");
  writeFileSync(control, Buffer.alloc(4 * (4 + KINDS.length)));
  const server = openServer({ LD_PRELOAD: library, FAIL_CONTROL: control, FAIL_UNDER: `${folder}/` });
  return {
    run: server.run,
    close() {
      server.close();
      rmSync(dirname(control), { recursive: true });
    },
  };
}

const argumentsOf = (command, place) => command.inProcess?.(place) ?? command.run(place).slice(1);

/** Counts the calls of an undisturbed run. */
async function count(scene, name, server) {
  const command = scene.commands[name];
  // What is loaded or cached once is there from the second time on.
  await server.run(argumentsOf(command, freshPlace(scene, command)));
  const place = freshPlace(scene, command, "whole");
  const old = outputsIn(place, command);
  const { status, stderr, counts } = await server.run(argumentsOf(command, place));
  if (status !== 0 && !command.mayFail) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { counts, old, outputs: outputsIn(place, command) };
}

let places = 0;

/** What is wrong with a run of which one call failed; undefined if nothing is. */
async function fail(scene, { name, kind, turn, code }, { failing, repairing }, whole) {
  const command = scene.commands[name];
  const place = freshPlace(scene, command, `place-${places++}`);
  try {
    const outcome = await failing.run(argumentsOf(command, place), { kind, turn, code });
    return (await problemOf(scene, name, place, outcome, whole)) ?? (await damage(scene, name, place, outcome, whole, repairing));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What is wrong with how a command ended, and with what it wrote until then. */
async function problemOf(scene, name, place, { status, signal, stdout, stderr }, whole) {
  const command = scene.commands[name];
  const text = `${stdout}\n${stderr}`;
  if (signal) return `it was ended by ${signal}`;
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
  return undefined;
}

/** What is wrong after the same command has run again. */
async function damage(scene, name, place, { status }, whole, repairing) {
  const command = scene.commands[name];
  if (status !== 2 || command.outputs.length === 0) return undefined;
  const repaired = await repairing.run(command.repair?.(place).slice(1) ?? argumentsOf(command, place));
  if (repaired.status !== 0) return `its repair ended with ${repaired.status}: ${firstLine(repaired.stderr)}`;
  if (name !== "report" && !same(outputsIn(place, command), whole.outputs)) return "the repaired output differs";
  // The part of a download stays for the process that has not ended.
  const left = leftovers(place).filter((file) => !file.endsWith(".incomplete"));
  return left.length > 0 ? `it left ${left.join(", ")}` : undefined;
}

function firstLine(text) {
  return text.trim().split("\n").slice(0, 3).join(" | ");
}
