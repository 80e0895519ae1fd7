// A session on drawn cats and dogs: labels, guesses and what a page asks.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { files } from "#files";
import { storage } from "#storage";
import { listActivations } from "../../learner/frozen/cache/list.ts";
import { drawSample } from "../../sample/sample.node.ts";
import type { StudioEvent } from "../protocol/engine.ts";
import { StudioSession } from "./session.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-session-"));
const drawn = join(root, "drawn");
/** The same pictures in no folders of classes. */
const loose = join(root, "loose");
const PER_CLASS = 30;

beforeAll(async () => {
  await drawSample({ folder: drawn, count: 24 });
  mkdirSync(loose);
  for (const part of ["train", "valid"])
    for (const animal of ["cats", "dogs"])
      for (const name of readdirSync(join(drawn, part, animal)))
        if (part === "train" || Number(name.slice(4, 8)) <= PER_CLASS - 24)
          copyFileSync(join(drawn, part, animal, name), join(loose, `${part}-${name}`));
});
afterAll(() => rmSync(root, { recursive: true }));

let ids = 0;
let logs = 0;

async function open(folder: string, journal = join(root, `labels-${logs++}.jsonl`)) {
  const events: (StudioEvent | "state")[] = [];
  /** How many photographs were looked at together, each time that was told. */
  const looks: number[] = [];
  let opened: StudioSession | undefined;
  const cache = `${folder}-cache`;
  const session = await StudioSession.open({
    tree: files.tree(folder),
    log: await storage.openLog(journal),
    cache,
    cacheStore: storage.open(cache),
    cores: 2,
    now: () => 1000,
    newId: () => `id-${ids++}`,
    onEvent: (event) => {
      events.push(event);
      const work = opened?.state.work;
      if (work?.kind === "features" && work.progress?.total !== undefined) looks.push(work.progress.total);
    },
  });
  opened = session;
  let open = true;
  const close = async () => {
    if (open) await session.close();
    open = false;
  };
  onTestFinished(close);
  const idOf = (name: string) => session.table.idOf(name) as number;
  return { session, events, looks, journal, idOf, close };
}

/** Waits until nothing is computed any more. */
async function settled(session: StudioSession): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 20));
  while (session.state.work);
  await session.refit();
}

/** The sizes in pixels of the photographs whose activations are in a cache. */
async function sizesIn(cache: string): Promise<readonly number[]> {
  return [...new Set((await listActivations(cache)).flatMap(({ metadata }) => metadata?.transform.size ?? []))];
}

test("pictures in folders of classes have their labels, and a head learns from them", async () => {
  const { session, idOf } = await open(drawn);
  expect(session.state.counts).toMatchObject({ photographs: 64, labelled: 64, unlabelled: 0 });
  expect(session.state.classes).toEqual([
    { name: "cats", labelled: 32, guessed: 0 },
    { name: "dogs", labelled: 32, guessed: 0 },
  ]);
  session.start();
  await settled(session);
  expect(session.state.head).toMatchObject({ labels: 64, network: "thaw_small" });
  // As a run on them would: few photographs are taken larger than the network's own 128 pixels.
  expect(await sizesIn(`${drawn}-cache`)).toEqual([192]);
  // Answers for labelled pictures come from heads that have not seen them.
  await expect.poll(() => session.state.head?.accuracy).toBeGreaterThan(0.9);
  const id = idOf("train/cats/cat-0001.jpg");
  await session.act({ act: "label", ids: [id], class: "dogs" });
  await session.refit();
  await expect.poll(() => session.state.head?.accuracy).toBeGreaterThan(0.85);
  expect(session.photographs([id])[0]).toMatchObject({ label: "dogs", labelledBy: "user", guess: { class: "cats" } });
  expect(session.list({ state: "wrong" }).ids).toContain(id);
  expect(session.list({ order: "doubtful" }).ids[0]).toBe(id);
  const wrong = [id, ...[2, 3, 4, 5].map((n) => idOf(`train/cats/cat-000${n}.jpg`))];
  await session.act({ act: "label", ids: wrong, class: "dogs" });
  await session.examine("audit");
  const suspects = session.list({ marks: ["suspect"] }).ids;
  expect(suspects.length).toBeGreaterThan(1);
  expect(wrong).toEqual(expect.arrayContaining([...suspects]));
  expect(session.photographs(suspects)[0]?.marks).toContainEqual(expect.objectContaining({ mark: "suspect", suggested: "cats" }));
});

test("from two labels to all: the head guesses, guesses are accepted, all of it is undone, also after a restart", async () => {
  const { session, idOf, journal, close, events } = await open(loose);
  expect(session.state.counts).toMatchObject({ photographs: 60, labelled: 0, unlabelled: 60 });
  expect(session.state.classes).toEqual([]);
  session.start();
  await settled(session);
  expect(await session.refit()).toBeUndefined();
  const cats = [1, 2, 3].map((n) => idOf(`train-cat-000${n}.jpg`));
  const dogs = [1, 2, 3].map((n) => idOf(`train-dog-000${n}.jpg`));
  await session.act({ act: "label", ids: cats, class: "cats" });
  await session.act({ act: "label", ids: dogs, class: "dogs" });
  const head = await session.refit();
  expect(head?.labels).toBe(6);

  const unlabelled = session.list({ state: "unlabelled", order: "uncertain" }).ids;
  expect(unlabelled).toHaveLength(54);
  const rows = session.photographs(unlabelled);
  const uncertainty = rows.map(({ guess }) => guess?.uncertainty as number);
  expect(uncertainty).toEqual(uncertainty.toSorted((a, b) => b - a));
  const isRight = ({ name, guess }: (typeof rows)[number]) => name.includes(guess?.class.slice(0, 3) as string);
  expect(rows.filter(isRight).length / rows.length).toBeGreaterThan(0.8);
  const { classes } = session.state;
  expect(classes.map(({ guessed }) => guessed).reduce((a, b) => a + b)).toBe(54);

  const sure = session.list({ state: "unlabelled", order: "sure" }).ids.slice(0, 10);
  const done = await session.act({ act: "accept", ids: sure });
  expect(done).toEqual({ act: "accept", words: "Accepted 10 guesses", at: 1000, photographs: 10 });
  expect(await session.act({ act: "accept", ids: sure })).toBeUndefined();
  expect(session.state.counts.labelled).toBe(16);
  expect(events).toContainEqual(expect.objectContaining({ event: "photographs", ids: expect.arrayContaining(sure) }));
  await close();

  const again = await open(loose, journal);
  expect(again.session.state.counts.labelled).toBe(16);
  expect(again.session.state.undo?.words).toBe("Accepted 10 guesses");
  expect((await again.session.undo())?.act).toBe("accept");
  expect((await again.session.undo())?.words).toBe("Labelled 3 photographs dogs");
  expect((await again.session.undo())?.words).toBe("Labelled 3 photographs cats");
  expect(await again.session.undo()).toBeUndefined();
  expect(again.session.state.counts).toMatchObject({ labelled: 0, unlabelled: 60 });
  expect(again.session.state.classes).toEqual([]);
  expect((await again.session.redo())?.words).toBe("Labelled 3 photographs cats");
  expect(again.session.state.counts.labelled).toBe(3);
});

test("queries find by name, label, guess, state and mark", async () => {
  const { session, idOf } = await open(loose);
  const [a, b, c] = ["train-cat-0001.jpg", "train-cat-0002.jpg", "train-dog-0001.jpg"].map(idOf) as [number, number, number];
  await session.act({ act: "label", ids: [a], class: "cats" });
  await session.act({ act: "skip", ids: [b], skipped: true });
  await session.act({ act: "delete", ids: [c], deleted: true });
  const found = (query: Parameters<StudioSession["list"]>[0]) => session.list(query).ids;
  expect(found({})).toHaveLength(59);
  expect(found({ state: "labelled" })).toEqual([a]);
  expect(found({ labels: ["cats"] })).toEqual([a]);
  expect(found({ labels: [null] })).toHaveLength(58);
  expect(found({ state: "skipped" })).toEqual([b]);
  expect(found({ state: "unlabelled" })).toHaveLength(57);
  expect(found({ state: "deleted" })).toEqual([c]);
  expect(found({ state: "deleted", marks: ["deleted"] })).toEqual([c]);
  expect(found({ name: "CAT-0002", state: "skipped" })).toEqual([b]);
  expect(found({ guesses: ["cats"] })).toEqual([]);
  expect(found({ order: "uncertain" }).slice(-2)).toEqual([b, a]);
  // A label takes a photograph out of those that were put off.
  await session.act({ act: "label", ids: [b], class: "cats" });
  expect(found({ state: "skipped" })).toEqual([]);
});

test("mistakes are told", async () => {
  const { session, idOf } = await open(loose);
  const id = idOf("train-cat-0001.jpg");
  const act = (wrong: unknown) => expect(session.act(wrong as never)).rejects;
  await act({ act: "label", ids: [60], class: "cats" }).toThrow("a photograph");
  await act({ act: "label", ids: [-1], class: "cats" }).toThrow("a photograph");
  await act({ act: "label", ids: [0.5], class: "cats" }).toThrow("a photograph");
  for (const name of ["", " ", "a/b", "a\\b", "..", ".hidden", "con", "a\nb", "x".repeat(101), "nan", "a:b"])
    await act({ act: "label", ids: [id], class: name }).toThrow(/name of a class/);
  await act({ act: "renameClass", class: "cats", to: "dogs" }).toThrow('no class "cats"');
  await session.act({ act: "addClass", class: "cats" });
  await session.act({ act: "addClass", class: " dogs " });
  await act({ act: "renameClass", class: "cats", to: "dogs" }).toThrow('a class "dogs" already');
  await act({ act: "mergeClasses", classes: ["birds"], into: "dogs" }).toThrow('no class "birds"');
  expect(() => session.photographs(Array(1001).fill(id))).toThrow("1001 rows");
  await expect(session.tryPicture(new Uint8Array(3))).rejects.toThrow("nothing yet");
  expect(session.state.classes.map(({ name }) => name)).toEqual(["cats", "dogs"]);
});

test("labels go out as a table and come back", async () => {
  const { session, idOf } = await open(loose);
  await session.act({ act: "label", ids: ["train-cat-0001.jpg", "train-cat-0002.jpg"].map(idOf), class: "=cats, big" });
  const csv = session.labelsCsv();
  expect(csv).toBe(`file,label\ntrain-cat-0001.jpg,"'=cats, big"\ntrain-cat-0002.jpg,"'=cats, big"\n`);
  const other = await open(loose);
  expect(await other.session.importLabels(`${csv}nobody.jpg,cats\n`)).toEqual({ labelled: 2, unknown: ["nobody.jpg"], unknownTotal: 1 });
  expect(other.session.labelsCsv()).toBe(csv);
  expect(other.session.state.undo?.words).toBe("Took 2 labels from a table");
  await other.session.undo();
  expect(other.session.state.counts.labelled).toBe(0);
  await expect(other.session.importLabels("x.jpg,cats\ny.jpg,cats")).rejects.toThrow('the first "y.jpg"');
  await expect(other.session.importLabels("train-cat-0001.jpg")).rejects.toThrow("one column");
  await expect(other.session.importLabels("train-cat-0001.jpg,../x")).rejects.toThrow("name of a class");
});

test("two sessions of one folder see each other's acts", async () => {
  const one = await open(loose);
  const two = await open(loose, one.journal);
  await Promise.all([
    one.session.act({ act: "label", ids: [0], class: "cats" }),
    two.session.act({ act: "label", ids: [1], class: "dogs" }),
  ]);
  await one.session.refresh();
  await two.session.refresh();
  expect(one.session.labelsCsv()).toBe(two.session.labelsCsv());
  expect(one.session.state.counts.labelled).toBe(2);
});

test("photographs that come while others are looked at are looked at together", async () => {
  const folder = join(root, "growing");
  mkdirSync(folder);
  const names = readdirSync(loose).slice(0, 30);
  for (const name of names.slice(0, 20)) copyFileSync(join(loose, name), join(folder, name));
  const { session, looks } = await open(folder);
  session.start();
  await expect.poll(() => session.state.work?.kind, { interval: 1 }).toBe("features");
  for (const name of names.slice(20)) {
    copyFileSync(join(loose, name), join(folder, name));
    session.added([name]);
  }
  await settled(session);
  expect([...new Set(looks)]).toEqual([20, 10]);
});

test("files that are broken, copies, misnamed or tiny are marked", async () => {
  const folder = join(root, "marked");
  mkdirSync(folder);
  copyFileSync(join(loose, "train-cat-0001.jpg"), join(folder, "a.jpg"));
  copyFileSync(join(loose, "train-cat-0001.jpg"), join(folder, "b.jpg"));
  copyFileSync(join(loose, "train-dog-0001.jpg"), join(folder, "c.png"));
  writeFileSync(join(folder, "d.jpg"), "no picture");
  const { session, idOf } = await open(folder);
  session.start();
  await settled(session);
  expect(session.state.counts.broken).toBe(1);
  await session.examine("check");
  const marks = (name: string) => session.photographs([idOf(name)])[0]?.marks.map(({ mark }) => mark);
  expect(marks("a.jpg")).toEqual(["copy"]);
  expect(marks("b.jpg")).toEqual(["copy"]);
  expect(marks("c.png")).toEqual(["misnamed"]);
  expect(marks("d.jpg")).toEqual(["broken"]);
  expect(session.list({ marks: ["copy"] }).ids).toHaveLength(2);
});
