// What the attacks work on: drawn photographs and small trained models, and the commands of thaw with what they leave.

import { spawn } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startHub } from "./hub.mjs";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const script = (name) => fileURLToPath(new URL(`commands/${name}.mjs`, import.meta.url));
const TRAINING = ["--size", "32", "--bs", "4", "--tta", "1", "--threads", "1", "--seed", "1", "--checkpoint-seconds", "0", "--quiet"];
const STAGES = ["--stages", "precompute,augment,unfreeze", "--epochs", "1,1,1", "--lr", "0.01,0.01,0.001"];

/**
 * Prepares photographs, models and commands in `folder`. A command has the arguments of node for a place to write to, those that repair what
 * an ended run left, and the outputs by their paths below the place. `old` fills the place with an earlier result, if there may be one.
 */
export async function openScene(folder) {
  const at = (...names) => join(folder, ...names);
  const [photos, base, other] = [at("photos"), at("base"), at("other")];
  // A small network computes little. Its file is one more to read; the other commands have models of the network that comes with thaw.
  const network = at("network.onnx");
  copyFileSync(fileURLToPath(new URL("../test/onnx/convolutions.legacy13.norms.onnx", import.meta.url)), network);
  const photo = join(photos, "train", "cats", "cat-0001.jpg");
  const hub = await startHub(
    readFileSync(fileURLToPath(new URL("../weights/thaw_small.safetensors", import.meta.url))).subarray(0, 1_000_000),
  );
  const thaw = (...args) => [MAIN, ...args];
  const train = (place, ...more) =>
    thaw(
      "train",
      photos,
      "--onnx",
      network,
      ...TRAINING,
      ...STAGES,
      "--out",
      join(place, "model"),
      "--cache",
      join(place, "cache"),
      ...more,
    );
  const commands = {
    train: { run: (place) => train(place), repair: (place) => train(place, "--resume"), outputs: ["model/weights.safetensors"] },
    save: {
      run: (place) => [script("save"), base, other, join(place, "model"), "10"],
      // The second replaces the first, as all later ones do.
      inProcess: (place) => ["save", base, other, join(place, "model"), "2"],
      outputs: ["model/weights.safetensors"],
    },
    export: {
      run: (place) => thaw("export", base, "--out", join(place, "model.onnx"), "--force"),
      old: (place) => cpSync(at("other.onnx"), join(place, "model.onnx")),
      outputs: ["model.onnx"],
    },
    transformers: {
      run: (place) => thaw("export", base, "--format", "transformers", "--out", join(place, "web"), "--force"),
      outputs: ["web/onnx/model.onnx", "web/config.json"],
    },
    report: {
      run: (place) => thaw("report", join(place, "model"), "--photos", join(photos, "valid")),
      old: (place) => cpSync(base, join(place, "model"), { recursive: true }),
      outputs: ["model/report.html"],
    },
    download: {
      run: (place) => [script("download"), hub.address, join(place, "home")],
      inProcess: (place) => ["download", hub.address, join(place, "home")],
      outputs: [hub.cached],
    },
    sheet: { run: (place) => thaw("augment", photo, "--out", join(place, "sheet.png"), "--size", "32"), outputs: ["sheet.png"] },
    // A photograph that cannot be read is named, and the others are resized.
    resize: {
      run: (place) => thaw("resize", photos, "16", "--out", join(place, "small")),
      outputs: ["small/train/cats/cat-0001.jpg"],
      mayFail: true,
    },
    sample: {
      run: (place) => thaw("sample", join(place, "drawn"), "--count", "1", "--force"),
      outputs: ["drawn/train/cats/cat-0001.jpg"],
    },
    check: { run: (place) => thaw("check", photos, "--cache", join(place, "cache")), outputs: [], mayFail: true },
    audit: { run: (place) => thaw("audit", photos, "--size", "32", "--cache", join(place, "cache")), outputs: [], mayFail: true },
    predict: { run: () => thaw("predict", base, photos, "--csv"), outputs: [], mayFail: true },
    evaluate: { run: () => thaw("evaluate", base, photos), outputs: [], mayFail: true },
    info: { run: () => thaw("info", base), outputs: [] },
    cache: { run: () => thaw("cache", "--cache", at("cache")), outputs: [] },
  };
  await must(thaw("sample", photos, "--count", "2"));
  for (const [model, seed] of [
    [base, "1"],
    [other, "2"],
  ])
    await must(
      thaw(
        "train",
        photos,
        "--arch",
        "thaw_small",
        ...TRAINING,
        "--stages",
        "precompute",
        "--epochs",
        "1",
        "--lr",
        "0.01",
        "--out",
        model,
        "--cache",
        at("cache"),
        "--seed",
        seed,
      ),
    );
  await must(thaw("export", other, "--out", at("other.onnx")));
  return { folder, commands, close: () => hub.close() };
}

/** Fills a fresh place for `command`. */
export function freshPlace(scene, command, name = "place") {
  const place = join(scene.folder, name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  command.old?.(place);
  return place;
}

/** The bytes of the outputs of `command` in `place`, undefined where there is none. */
export function outputsIn(place, { outputs }) {
  return outputs.map((name) => (existsSync(join(place, name)) ? readFileSync(join(place, name)) : undefined));
}

/** What a run left unfinished in `place`. */
export function leftovers(place) {
  return readdirSync(place, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.tmp$|\.thaw-old$|\.incomplete$|\.unfinished$/.test(name),
  );
}

/** Whether two lists of outputs are the same to the byte. */
export function same(a, b) {
  return a.every((bytes, i) => (bytes === undefined ? b[i] === undefined : b[i] !== undefined && bytes.equals(b[i])));
}

/** Runs node with `args`; `onStart` gets the process. Ends it after ten minutes. */
export function run(args, { env = {}, onStart } = {}) {
  const child = spawn(process.execPath, args, { env: { ...process.env, NO_COLOR: "1", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (part) => (texts[name] += part));
  const timer = setTimeout(() => child.kill("SIGKILL"), 600_000);
  onStart?.(child);
  return new Promise((resolve) =>
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, ...texts });
    }),
  );
}

async function must(args) {
  const { status, stderr } = await run(args);
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
}
