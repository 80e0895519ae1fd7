// The studio's engine in Node: trains in a process of its own, stops, goes on after a kill, and shows what came of it.

import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { loadClassifier } from "../../classifier/classifier.ts";
import { drawSample } from "../../sample/sample.node.ts";
import type { StudioEvent } from "../protocol/engine.ts";
import type { TrainingEvent } from "../protocol/training.ts";
import { NodeStudio } from "./studio.node.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-studio-"));
const drawn = join(root, "drawn");

beforeAll(() => drawSample({ folder: drawn, count: 24 }));
afterAll(() => rmSync(root, { recursive: true }));

let copies = 0;

async function open(folder = join(root, `photographs-${copies++}`)) {
  if (!existsSync(folder)) cpSync(drawn, folder, { recursive: true });
  const events: StudioEvent[] = [];
  const studio = await NodeStudio.open({ folder, cache: join(root, "cache"), cores: 2, now: Date.now });
  studio.listen((event) => events.push(event));
  let open = true;
  const close = async () => {
    if (open) await studio.close();
    open = false;
  };
  onTestFinished(close);
  const what = (run: string, event: string) =>
    events.flatMap((each) =>
      each.event === "training" && each.training.run === run && each.training.what.event === event ? [each.training] : [],
    );
  const rowOf = (run: string) => studio.state.runs.find(({ id }) => id === run);
  return { studio, folder, events, what, rowOf, close };
}

const QUICK = { stages: ["precompute"], epochs: [2], threads: 1 } as const;

test("a run trains, its results point at photographs, and its model is exported", { timeout: 1_200_000 }, async () => {
  const { studio, what, rowOf, folder } = await open();
  const run = await studio.train({ name: "first", choices: { ...QUICK, seed: 1 } });
  expect(rowOf(run)).toMatchObject({ name: "first", state: "running" });
  await expect(studio.train({})).rejects.toThrow('The run "first" is going on');
  await expect(studio.results(run)).rejects.toThrow("is not done");
  await expect.poll(() => rowOf(run)?.state, { timeout: 300_000, interval: 100 }).toBe("done");
  expect(rowOf(run)).toMatchObject({ network: "thaw_small", seed: 1, images: 64, classes: 2 });
  expect(rowOf(run)?.accuracy).toBeGreaterThan(0.9);
  expect(what(run, "epoch")).toHaveLength(2);
  expect(what(run, "progress").length).toBeGreaterThan(0);
  const events = await studio.trainingEvents(run);
  expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i));
  expect(events.at(-1)?.what.event).toBe("done");
  expect(await studio.trainingEvents(run, events.length - 1)).toEqual([events.at(-1)]);

  const results = await studio.results(run);
  expect(results.classes).toEqual(["cats", "dogs"]);
  // The folder has its own photographs for validation.
  expect(results.predictions).toHaveLength(16);
  expect(results.confusion.flat().reduce((a, b) => a + b)).toBe(16);
  const names = await studio.photographs(results.predictions.map(({ id }) => id));
  expect(names.every(({ name }) => name.startsWith("valid/"))).toBe(true);
  const cell = results.predictions.filter(({ target, predicted }) => target === "cats" && predicted === "cats");
  expect(cell).toHaveLength(results.confusion[0]?.[0] as number);
  expect(results.topLosses[0]).toBe(results.predictions.toSorted((a, b) => b.loss - a.loss)[0]?.id);
  expect(results.calibration.bins.reduce((sum, { count }) => sum + count, 0)).toBe(16);
  expect(results.schedules[0]?.lrs.length).toBeGreaterThan(0);

  const heat = await studio.heatBytes(run, results.topLosses[0] as number);
  expect([...heat.bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  const { bytes } = await studio.pictureBytes(results.topLosses[0] as number, "full", new AbortController().signal);
  const answer = await studio.tryPicture(bytes, run);
  expect(answer.predictions.map(({ class: name }) => name).sort()).toEqual(["cats", "dogs"]);

  for (const format of ["model", "onnx", "transformers"] as const) {
    const { name, address } = await studio.export(run, format);
    const made = studio.download(address.split("/")[2] as string);
    expect(made?.name).toBe(name);
    expect([...(made?.bytes.subarray(0, 2) ?? [])]).toEqual([0x50, 0x4b]);
  }
  const model = join(`${folder}-studio`, "runs", run, "model");
  const classifier = await loadClassifier(model);
  expect(classifier.classes).toEqual(["cats", "dogs"]);
  await classifier.dispose();

  const second = await studio.train({ choices: { ...QUICK, seed: 2 } });
  await expect.poll(() => rowOf(second)?.state, { timeout: 300_000, interval: 100 }).toBe("done");
  const comparison = await studio.compareRuns([run, second]);
  expect(comparison.settings).toContainEqual({ name: "seed", values: ["1", "2"] });
  expect(comparison.groups).toHaveLength(1);
  expect(comparison.groups[0]?.deviation).toBeGreaterThanOrEqual(0);
  await studio.renameRun(second, " other ");
  expect(rowOf(second)?.name).toBe("other");
  await studio.deleteRun(second);
  expect(rowOf(second)).toBeUndefined();
  expect(readdirSync(join(`${folder}-studio`, "runs"))).toEqual([run]);
});

test("a run is stopped and resumed, and goes on after its process and the studio were killed", { timeout: 1_200_000 }, async () => {
  const first = await open();
  const long = { stages: ["augment"], epochs: [400], threads: 1 } as const;
  const run = await first.studio.train({ choices: long });
  await expect.poll(() => first.what(run, "epoch").length, { timeout: 300_000 }).toBeGreaterThan(0);
  await first.studio.stop(run);
  expect(first.rowOf(run)?.state).toBe("stopping");
  await expect.poll(() => first.rowOf(run)?.state, { timeout: 300_000 }).toBe("stopped");
  const before = await first.studio.trainingEvents(run);
  await first.studio.resume(run);
  await expect.poll(() => first.what(run, "resumed").length, { timeout: 300_000 }).toBe(1);
  // As when the studio ends: the process saves what it has.
  await first.close();

  const second = await open(first.folder);
  expect(second.rowOf(run)?.state).toBe("stopped");
  expect(second.rowOf(run)?.seconds).toBeGreaterThan(0);
  const events: readonly TrainingEvent[] = await second.studio.trainingEvents(run);
  expect(events.slice(0, before.length).map(({ what }) => what.event)).toEqual(before.map(({ what }) => what.event));
  await second.studio.resume(run);
  await expect.poll(() => second.what(run, "epoch").length, { timeout: 300_000 }).toBeGreaterThan(0);
  await second.studio.stop(run);
  await expect.poll(() => second.rowOf(run)?.state, { timeout: 300_000 }).toBe("stopped");
  await second.studio.deleteRun(run);
});
