// Kills a command at a moment drawn at random, and checks that what it was to write is whole, the old or absent, and that the same command
// then ends as if nothing had happened.

import { watch } from "node:fs";
import { freshPlace, leftovers, outputsIn, run, same } from "../scene.mjs";

const NAMES = ["train", "save", "export", "report", "download"];

export const kills = {
  name: "kills",
  title: "`kill -9` of train, save, export, report and download",
  expected: "outputs whole, old or absent; the same command goes on to the same bytes, and nothing unfinished is left",
  unit: "kills",
  full: 1000,
  quick: 5,
  async prepare({ openScene, random }) {
    const scene = await openScene();
    const wholes = new Map();
    return {
      cases: 1000,
      async attack(i, job) {
        const name = NAMES[i % NAMES.length];
        const folder = `place-${job}`;
        const key = `${name} ${folder}`;
        const whole = wholes.get(key) ?? (await measure(scene, name, folder));
        wholes.set(key, whole);
        const place = freshPlace(scene, scene.commands[name], folder);
        const draw = random(i);
        const killed = await kill(scene, name, place, draw, whole);
        const failure = await damage(scene, name, place, killed, whole);
        return { failure: failure && `${name}, ${killed.when}: ${failure}` };
      },
    };
  },
};

/** An undisturbed run: its outputs, and how long it takes. */
async function measure(scene, name, folder) {
  const command = scene.commands[name];
  // In the same place as those that are killed: a report names it.
  const place = freshPlace(scene, command, folder);
  const old = outputsIn(place, command);
  const start = performance.now();
  const { status, stderr } = await run(command.run(place));
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { milliseconds: performance.now() - start, outputs: outputsIn(place, command), old };
}

/** Kills a run at a moment of its time, or at a change of its files. */
async function kill(scene, name, place, draw, { milliseconds }) {
  const byTime = draw.uniform(0, 1) < 0.5;
  const delay = draw.uniform(0.2, 1.1) * milliseconds;
  const change = draw.integer(1, 60);
  let timer;
  let watcher;
  const { status, signal } = await run(scene.commands[name].run(place), {
    onStart(child) {
      const end = () => child.kill("SIGKILL");
      if (byTime) timer = setTimeout(end, delay);
      let seen = 0;
      if (!byTime) watcher = watch(place, { recursive: true }, () => ++seen === change && end());
    },
  });
  clearTimeout(timer);
  watcher?.close();
  const when = byTime ? `after ${Math.round(delay)} ms` : `at change ${change}`;
  return { status, signal, when };
}

/** What is wrong in `place` after a kill and after the repair; undefined if nothing is. */
async function damage(scene, name, place, { status, signal }, whole) {
  const command = scene.commands[name];
  const after = outputsIn(place, command);
  if (signal === null && status !== 0) return `it ended with ${status} before it was killed`;
  const allowed = [whole.outputs, whole.old];
  if (name === "save") allowed.push(outputsIn(scene.folder, { outputs: ["other/weights.safetensors"] }));
  const isWhole = after.every((bytes, i) => bytes === undefined || allowed.some((outputs) => outputs[i]?.equals(bytes)));
  if (!isWhole) return "an output is neither the old nor the new one";
  if (command.old && !after.every((bytes) => bytes !== undefined)) return "the old output is gone";
  const repaired = await run((command.repair ?? command.run)(place));
  if (repaired.status !== 0) return `its repair ended with ${repaired.status}: ${repaired.stderr}`;
  if (!same(outputsIn(place, command), whole.outputs)) return "the repaired output differs";
  const left = leftovers(place);
  return left.length > 0 ? `it left ${left.join(", ")}` : undefined;
}
