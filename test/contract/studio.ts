// The contract of the studio's engines (src/studio/protocol/engine.ts) as tests, for a server's engine and for the one of a static page.

import { expect, test } from "vitest";
import type { StudioEngine, StudioEvent, StudioState } from "../../src/studio/protocol/engine.ts";
import type { NewPicture } from "../../src/studio/protocol/photographs.ts";
import { EXPORT_FORMATS } from "../../src/studio/protocol/results.ts";
import { noisyPictures } from "../fixtures/noisy-pictures.ts";

const LONG = { timeout: 1_800_000 };
/** Pictures of each class, of which the last are added without label. */
const [EACH, UNLABELLED] = [8, 3];

export interface StudioUnderTest {
  readonly engine: StudioEngine;
  /** The first bytes of what a download or a picture leads to. */
  start(address: string): Promise<readonly number[]>;
}

async function pictures(): Promise<readonly NewPicture[]> {
  const tree = noisyPictures();
  const found: NewPicture[] = [];
  for (const name of ["blue", "red"])
    for (const { name: file } of (await tree.entries(`train/${name}`)).slice(0, EACH)) {
      const bytes = (await tree.read?.(`train/${name}/${file}`)) as Uint8Array;
      const isLabelled = found.filter((each) => each.class === name).length < EACH - UNLABELLED;
      found.push({ name: `${name}-${file}`, bytes, ...(isLabelled && { class: name }) });
    }
  return found;
}

/** Tests the engine that `open` opens, which must have no photographs. */
export function studioContract(open: () => Promise<StudioUnderTest>): void {
  test("from nothing to a model: pictures, labels, guesses, a run, its results, exports", LONG, async () => {
    const { engine, start } = await open();
    const events: StudioEvent[] = [];
    const leave = engine.listen((event) => events.push(event));
    const state = (): StudioState => (events.findLast((event) => event.event === "state") as { state: StudioState }).state;
    await expect.poll(() => events.some(({ event }) => event === "state"), { timeout: 300_000 }).toBe(true);
    expect(state().counts.photographs).toBe(0);

    const given = await pictures();
    const added = await engine.add(given);
    expect(new Set(added.map(({ id }) => id)).size).toBe(2 * EACH);
    const labelled = 2 * (EACH - UNLABELLED);
    await expect
      .poll(() => state().counts, { timeout: 300_000 })
      .toMatchObject({ photographs: 2 * EACH, labelled, unlabelled: 2 * UNLABELLED });
    expect(state().classes.map(({ name }) => name)).toEqual(["blue", "red"]);
    await expect(engine.add([{ name: "a.jpg", bytes: Uint8Array.of(1, 2, 3) }])).rejects.toThrow("no picture");

    await expect.poll(() => state().work, { timeout: 300_000 }).toBeUndefined();
    expect((await engine.refit())?.labels).toBe(labelled);
    const { ids } = await engine.list({ state: "unlabelled", order: "sure" });
    const rows = await engine.photographs(ids);
    expect(rows.map(({ name, guess }) => name.startsWith(guess?.class as string))).toEqual(Array(2 * UNLABELLED).fill(true));

    expect(await engine.act({ act: "accept", ids })).toMatchObject({ act: "accept", photographs: 2 * UNLABELLED });
    expect(await engine.act({ act: "accept", ids })).toBeUndefined();
    expect((await engine.list({ state: "unlabelled" })).ids).toEqual([]);
    expect((await engine.undo())?.act).toBe("accept");
    expect((await engine.list({ state: "unlabelled" })).ids).toHaveLength(2 * UNLABELLED);
    expect((await engine.redo())?.act).toBe("accept");
    await engine.act({ act: "renameClass", class: "red", to: "scarlet" });
    await expect(engine.act({ act: "renameClass", class: "blue", to: "scarlet" })).rejects.toThrow('a class "scarlet" already');
    expect((await engine.list({ labels: ["scarlet"] })).ids).toHaveLength(EACH);
    await engine.undo();
    expect(await engine.importLabels(`file,label\n${rows[0]?.name},red\n`)).toMatchObject({ labelled: 1, unknownTotal: 0 });
    await engine.importLabels(`${rows[0]?.name},${rows[0]?.guess?.class}`);
    const table = await engine.exportLabels();
    expect(await start(table.address)).toEqual([..."file"].map((letter) => letter.charCodeAt(0)));

    const [first] = added;
    expect((await start(await engine.picture(first?.id as number, "thumbnail"))).slice(0, 2)).toEqual([0xff, 0xd8]);
    expect((await engine.tryPicture((given[0] as NewPicture).bytes)).predictions[0]?.class).toBe("blue");
    await engine.examine("check");

    const choices = { size: 32, bs: 4, stages: ["precompute"], epochs: [2], precision: "fp32", threads: 1 } as const;
    const run = await engine.train({ name: "first", choices });
    await expect(engine.train({ choices })).rejects.toThrow("is going on");
    await expect.poll(() => state().runs[0]?.state, { timeout: 600_000, interval: 200 }).toBe("done");
    expect(state().runs[0]).toMatchObject({ id: run, name: "first", network: "thaw_small", size: 32, images: 2 * EACH, classes: 2 });
    const told = await engine.trainingEvents(run);
    expect(told.at(-1)?.what.event).toBe("done");
    expect(events.some((event) => event.event === "training" && event.training.what.event === "progress")).toBe(true);

    const results = await engine.results(run);
    expect(results.classes).toEqual(["blue", "red"]);
    expect(results.confusion.flat().reduce((a, b) => a + b)).toBe(results.predictions.length);
    expect(added.map(({ id }) => id)).toEqual(expect.arrayContaining(results.predictions.map(({ id }) => id)));
    expect((await start(await engine.heatMap(run, results.topLosses[0] as number))).slice(0, 2)).toEqual([0xff, 0xd8]);
    const answer = await engine.tryPicture((given[0] as NewPicture).bytes, run);
    expect(answer.predictions.map(({ class: name }) => name).sort()).toEqual(["blue", "red"]);
    for (const format of EXPORT_FORMATS)
      expect((await start((await engine.export(run, format)).address)).slice(0, 2)).toEqual([0x50, 0x4b]);
    expect((await engine.compareRuns([run])).groups).toHaveLength(1);

    const long = await engine.train({ choices: { ...choices, epochs: [2000] } });
    const epochs = () =>
      events.filter((event) => event.event === "training" && event.training.run === long && event.training.what.event === "epoch");
    await expect.poll(() => epochs().length, { timeout: 600_000 }).toBeGreaterThan(0);
    await engine.stop(long);
    const row = () => state().runs.find(({ id }) => id === long);
    await expect.poll(() => row()?.state, { timeout: 300_000 }).toBe("stopped");
    const before = epochs().length;
    await engine.resume(long);
    await expect.poll(() => epochs().length, { timeout: 600_000 }).toBeGreaterThan(before);
    await engine.stop(long);
    await expect.poll(() => row()?.state, { timeout: 300_000 }).toBe("stopped");
    await engine.renameRun(long, "long");
    await expect.poll(() => row()?.name).toBe("long");
    await engine.deleteRun(long);
    await expect.poll(row).toBeUndefined();
    leave();
  });
}
