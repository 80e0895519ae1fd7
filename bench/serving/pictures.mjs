// The photographs that are asked for.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The bytes of `count` photographs in `folder` and below, evenly chosen, so that all classes are among them. */
export function picturesIn(folder, count) {
  const found = readdirSync(folder, { recursive: true }).filter((name) => /\.(jpe?g|png)$/i.test(name));
  const step = Math.max(1, Math.floor(found.length / count));
  const chosen = found.sort().filter((_, i) => i % step === 0);
  return chosen.slice(0, count).map((name) => readFileSync(join(folder, name)));
}
