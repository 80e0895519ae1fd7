// A store on a disk of which any one call fails: the value is the old or the new one, the error is a sentence, and nothing unfinished is left.
// `npm run attack -- calls` does the same to whole commands.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const script = `
  import { openSync, readdirSync, readSync, writeSync } from "node:fs";
  import { join } from "node:path";
  import { diskStore } from ${JSON.stringify(new URL("../../../dist/core/store/disk.node.js", import.meta.url).href)};
  const control = openSync(process.env.FAIL_CONTROL, "r+");
  const [EIO, ENOSPC, KINDS] = [5, 28, 15];
  const set = (numbers) => writeSync(control, Int32Array.from(numbers), 0, 4 * numbers.length, 0);
  const counts = () => {
    const numbers = new Int32Array(4 + KINDS);
    readSync(control, numbers, 0, numbers.byteLength, 0);
    return numbers.subarray(4);
  };
  const root = process.env.FAIL_UNDER;
  const [old, fresh] = ["old".repeat(1000), "new".repeat(300000)];
  const works = {
    put: (store) => store.put("a", fresh),
    replace: (store) => store.replace(new Map([["a", fresh], ["b", fresh]])),
  };
  const problems = [];
  let tried = 0;
  for (const [name, work] of Object.entries(works))
    for (let kind = -1, turn = 1, most = []; kind < KINDS; turn++) {
      if (kind >= 0 && turn > most[kind]) { kind++; turn = 0; continue; }
      const folder = join(root, name + kind + "." + turn);
      const store = diskStore(folder);
      await store.put("a", old);
      set([kind, turn, turn % 2 ? EIO : ENOSPC, -1, ...Array(KINDS).fill(0)]);
      const error = await work(store).then(() => undefined, (reason) => reason);
      if (kind === -1) { most = [...counts()]; kind = 0; turn = 0; }
      set([-1, 0, 0, -1]);
      tried++;
      const where = name + ", kind " + kind + ", call " + turn + ": ";
      if (error && (error.name !== "UsageError" || !/^Cannot (read|write) /.test(error.message) || !error.hint)) problems.push(where + error.stack);
      const value = new TextDecoder().decode((await store.get("a")) ?? new Uint8Array());
      if (value !== old && value !== fresh) problems.push(where + "neither the old nor the new value, but " + value.length + " characters");
      if (!error && kind !== -1 && value !== fresh) problems.push(where + "no error, and the old value");
      await store.put("a", old);
      const left = (await store.list("")).map(({ key }) => key).filter((key) => key !== "a" && key !== "b");
      if (left.length > 0) problems.push(where + "it left " + left);
    }
  const left = readdirSync(root).filter((name) => /tmp$|thaw-old$/.test(name));
  process.stdout.write(JSON.stringify({ tried, problems, left }));
`;

test("every call of put and of replace may fail", { timeout: 60_000 }, ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "thaw-calls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const library = join(folder, "fail-call.so");
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, path("../../../attack/native/fail-call.c"), "-ldl"], { stdio: "ignore" });
  } catch {
    return skip("no C compiler for Linux"); // The calls of other systems have other names.
  }
  const control = join(tmpdir(), `thaw-fail-${process.pid}`);
  writeFileSync(control, Buffer.alloc(76));
  onTestFinished(() => rmSync(control));
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    env: { ...process.env, LD_PRELOAD: library, FAIL_CONTROL: control, FAIL_UNDER: join(folder, "/") },
  });
  const { tried, problems, left } = JSON.parse(stdout || JSON.stringify({ problems: [stderr] }));
  expect(problems).toEqual([]);
  expect(tried).toBeGreaterThan(40);
  // What could not be deleted goes with the next process.
  expect(left.length).toBeLessThan(8);
});
