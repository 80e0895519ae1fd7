// Files that a person with bad intentions would write, and those that earlier attacks found.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPLAY = fileURLToPath(new URL("../fuzz/replay.mjs", import.meta.url));

export const hostile = {
  name: "hostile",
  title: "hostile files",
  expected: "read, or refused with a sentence, within 10 s of a processor and 1 GB",
  unit: "files",
  quick: 1,
  async prepare({ openScene, folder, notes }) {
    await openScene();
    return {
      cases: 1,
      attack: () =>
        new Promise((resolve, reject) =>
          execFile(
            process.execPath,
            ["--max-old-space-size=1024", REPLAY, join(folder, "base")],
            { maxBuffer: 2 ** 28 },
            (error, stdout) => {
              if (error) return reject(error);
              const { count, broken, memory } = JSON.parse(stdout);
              notes["largest memory"] = `${Math.round(memory / 1e6)} MB`;
              resolve({ count, failure: broken.length > 0 ? broken.join("\n") : undefined });
            },
          ),
        ),
    };
  },
};
