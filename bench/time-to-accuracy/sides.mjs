// The sides: the process that each one is, for a task. Its answers come as lines of JSON (timed.mjs).

import { fileURLToPath } from "node:url";

const path = (file) => fileURLToPath(new URL(file, import.meta.url));

/** thaw's command as a user gives it, with the stage that trains the head alone. */
function thaw({ photographs, weights, size, seed, scratch }) {
  const places = ["--out", `${scratch}/model`, "--cache", `${scratch}/cache`];
  const network = ["--arch", "mobilenet_v2", "--weights", weights, "--sizes", String(size), "--offline"];
  const main = path("../../dist/cli/main.js");
  return [process.execPath, main, "train", photographs, ...network, "--stages", "precompute", "--seed", String(seed), ...places, "--json"];
}

const rival = (file, setting) => (task) => [task.python, path(`../rivals/${file}`), JSON.stringify({ ...task, setting })];

export const SIDES = {
  thaw,
  cached: rival("caching_whole.py", "float32"),
  "cached-bf16": rival("caching_whole.py", "bfloat16"),
  "fastai-fastest": rival("fastai_accuracy.py", "fastest"),
  "fastai-lesson": rival("fastai_accuracy.py", "lesson"),
};

/** What the table calls them. */
export const NAMES = {
  thaw: "thaw",
  cached: "PyTorch, features cached",
  "cached-bf16": "PyTorch, features cached, bfloat16",
  "fastai-fastest": "fastai, its fastest",
  "fastai-lesson": "fastai, its lesson",
};
