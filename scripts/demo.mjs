// The main job from beginning to end, with nothing but this repository: draws a set of pictures, trains on it with the network that ships
// with thaw, and predicts a few. Everything lies in the folder demo; a second run starts from the same pictures and kept activations.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const start = performance.now();

function thaw(...args) {
  console.log(`\n$ npx thaw ${args.join(" ")}`);
  const { status, signal } = spawnSync(process.execPath, ["dist/cli/main.js", ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
}

const some = ["cat", "dog"].flatMap((animal) => [1, 2, 3].map((number) => `demo/pets/valid/${animal}s/${animal}-000${number}.jpg`));

thaw("sample", "demo/pets", "--force");
thaw("train", "demo/pets", "--arch", "thaw_small", "--force");
thaw("predict", "demo/pets-model", ...some);
console.log(`
Done after ${Math.round((performance.now() - start) / 1000)} s. What to look at, and what to do next:

  demo/pets/                     the pictures
  demo/pets-model/report.html    how the run went: open it in a browser
  demo/pets-model/               the classifier

  npx thaw check photos          your own photographs, one folder for each class
  npx thaw train photos`);
