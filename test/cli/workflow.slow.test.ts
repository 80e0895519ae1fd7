// The two commands on real photographs: train, predict with what it left, and stop a run with Ctrl-C.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shared } from "../shared.ts";
import { main, thaw } from "./command.ts";
import { copyPhotographs, type Photographs } from "./photographs.ts";

describe.skipIf(!shared)("on real photographs", () => {
  let photographs: Photographs;
  beforeAll(() => {
    photographs = copyPhotographs(shared as string);
  });
  afterAll(() => photographs.remove());

  test("Ctrl-C stops a run with exit code 130, says what is kept, and leaves no model", async () => {
    const child = spawn(process.execPath, [main, ...photographs.train], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    // The table of epochs begins: there is work to stop. Once, as a second Ctrl-C ends the process.
    const stop = (chunk: Buffer): void => {
      if (!/^epoch +train loss/m.test(`${chunk}`)) return;
      child.stdout.off("data", stop);
      child.stdout.resume();
      child.kill("SIGINT");
    };
    child.stdout.on("data", stop);
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(errors).toContain("Stopping at the next safe point; press Ctrl-C again to quit at once.\n");
    expect(errors).toContain(`Stopped. The run is saved in ${join(photographs.root, "model.unfinished")}.\n`);
    expect(errors).toContain(`Resume it:\n\n  npx thaw ${photographs.train.join(" ")} --resume\n`);
    expect(status).toBe(130);
    expect(existsSync(join(photographs.root, "model"))).toBe(false);
  });

  test("a run as JSON ends with its result, and its model predicts files and folders, good and bad", { timeout: 240_000 }, () => {
    const run = thaw(...photographs.train, "--json");
    expect(run).toMatchObject({ status: 0 });
    const events = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events[0]).toEqual({ event: "data", classes: ["cats", "dogs"], train: 32, valid: 12, leftOut: 0 });
    expect(new Set(events.map(({ event }) => event))).not.toContain("progress");
    const done = events.at(-1);
    expect(Object.keys(done)).toEqual(["event", "accuracy", "ttaAccuracy", "stages", "model", "report"]);
    expect(done).toMatchObject({ event: "done", model: join(photographs.root, "model") });
    expect(done.stages.map(({ name }: { name: string }) => name)).toEqual(["precompute", "augment", "tta"]);

    const again = thaw(...photographs.train);
    expect(again).toMatchObject({ status: 2, stdout: "" });
    expect(again.stderr).toContain("overwrite it with --force");

    const album = join(photographs.root, "photos", "valid", "dogs");
    const good = readdirSync(album)
      .sort()
      .map((name) => join(album, name));
    const [bad, missing] = [join(photographs.root, "bad.jpg"), join(photographs.root, "missing.jpg")];
    writeFileSync(bad, "no image");
    const predicted = thaw("predict", done.model, bad, album, missing, "--json");
    expect(predicted).toMatchObject({ status: 1, stderr: "" });
    const lines = predicted.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ file }) => file)).toEqual([bad, ...good, missing]);
    expect([lines[0], lines.at(-1)]).toEqual([
      { file: bad, error: "not an image" },
      { file: missing, error: "no such file or folder" },
    ]);
    for (const line of lines.slice(1, -1)) {
      const { cats, dogs } = line.probabilities;
      expect(cats + dogs).toBeCloseTo(1, 5);
      expect(line.class).toBe(cats > dogs ? "cats" : "dogs");
    }

    const table = thaw("predict", done.model, ...good.slice(0, 2));
    expect(table.status).toBe(0);
    expect(table.stdout).toMatch(/^file +class {2}probability\n(.+\.jpg {2}(cats|dogs) +\d+\.\d %\n){2}$/);
  });

  test("a folder that is no model is a mistake", () => {
    const { status, stdout, stderr } = thaw("predict", photographs.root, join(photographs.root, "photos"));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("is not a model folder");
  });
});
