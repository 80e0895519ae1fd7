// The files of the studio's engine in Node: pictures that are added, shown, moved and copied.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { drawSample } from "../../sample/sample.node.ts";
import { placeFor } from "../session/new-picture.ts";
import { NodeStudio } from "./studio.node.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-studio-files-"));
const drawn = join(root, "drawn");
let folders = 0;

beforeAll(() => drawSample({ folder: drawn, count: 3 }));
afterAll(() => rmSync(root, { recursive: true }));

const picture = (number: number, animal = "cat") => join(drawn, "train", `${animal}s`, `${animal}-000${number}.jpg`);

/** A studio of a folder with these files. */
async function open(files: Readonly<Record<string, string>>) {
  const folder = join(root, `photographs-${folders++}`);
  for (const [name, from] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    copyFileSync(from, join(folder, name));
  }
  const studio = await NodeStudio.open({ folder, cache: join(root, "cache"), cores: 2, now: () => 1000 });
  onTestFinished(() => studio.close());
  const idOf = async (name: string) => (await studio.list({ name })).ids[0] as number;
  return { studio, folder, idOf };
}

const namesIn = (folder: string) =>
  (readdirSync(folder, { recursive: true, withFileTypes: true }) as { isFile(): boolean; parentPath: string; name: string }[])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

test("a folder that is not there is made, and pictures are added to it", async () => {
  const { studio, folder } = await open({});
  expect(studio.state.counts.photographs).toBe(0);
  const bytes = readFileSync(picture(1));
  const added = await studio.add([
    { name: "cats/a.JPG", bytes },
    { name: "b.jpg", bytes: readFileSync(picture(1, "dog")), class: "dogs" },
    { name: "a.jpg", bytes: readFileSync(picture(2)), class: "cats" },
    { name: "c.jpg", bytes: readFileSync(picture(3)) },
  ]);
  expect(added.map(({ name }) => name)).toEqual(["cats/a.jpg", "dogs/b.jpg", "cats/a-2.jpg", "c.jpg"]);
  expect(namesIn(folder)).toEqual(["c.jpg", "cats/a-2.jpg", "cats/a.jpg", "dogs/b.jpg"]);
  expect(readFileSync(join(folder, "cats", "a.jpg"))).toEqual(bytes);
  expect((await studio.photographs(added.map(({ id }) => id))).map(({ label }) => label)).toEqual(["cats", "dogs", "cats", undefined]);
  expect(studio.state.classes.map(({ name }) => name)).toEqual(["cats", "dogs"]);
});

test("pictures that are none, and names that lead elsewhere, are refused or made harmless", async () => {
  const { studio, folder } = await open({});
  const bytes = readFileSync(picture(1));
  const add = (name: string, more = {}) => studio.add([{ name, bytes, ...more }]);
  await expect(add("a.txt")).rejects.toThrow("not called like a picture");
  await expect(add("a.jpg", { bytes: Buffer.from("<script>") })).rejects.toThrow("no picture");
  await expect(add("../a.jpg")).rejects.toThrow("name of a class");
  await expect(add("a.jpg", { class: "../.." })).rejects.toThrow("name of a class");
  await expect(add("a.jpg", { class: ".thaw" })).rejects.toThrow("name of a class");
  expect(placeFor({ name: "/etc/cats/..\\..\\dogs/<x>?.png" })).toEqual({ folder: "dogs", file: "-x--.png" });
  expect(placeFor({ name: ".jpg" })).toEqual({ folder: undefined, file: "jpg.jpg" });
  expect(placeFor({ name: "\u202egpj.exe.jpg" })).toEqual({ folder: undefined, file: "gpj.exe.jpg" });
  expect(existsSync(folder) ? namesIn(folder) : []).toEqual([]);
});

test("pictures are shown small and large, upright, and a broken one says why", async () => {
  const { studio, folder, idOf } = await open({ "a.jpg": picture(1) });
  const { signal } = new AbortController();
  const { default: sharp } = await import("sharp");
  const thumbnail = await studio.pictureBytes(await idOf("a.jpg"), "thumbnail", signal);
  const { width, height, format } = await sharp(thumbnail.bytes).metadata();
  expect([Math.max(width, height) <= 320, format]).toEqual([true, "jpeg"]);
  expect((await studio.pictureBytes(await idOf("a.jpg"), "thumbnail", signal)).bytes).toBe(thumbnail.bytes);
  writeFileSync(join(folder, "a.jpg"), "no picture");
  await expect(studio.pictureBytes(await idOf("a.jpg"), "full", signal)).rejects.toThrow("cannot be shown");
  await expect(studio.pictureBytes(99, "full", signal)).rejects.toThrow("a photograph");
});

test("labels are applied to files only as planned, nothing is overwritten, and labels go with the files", async () => {
  const { studio, folder, idOf } = await open({
    "a.jpg": picture(1),
    "b.jpg": picture(2),
    "cats/c.jpg": picture(3),
    "dogs/c.jpg": picture(1, "dog"),
    "dogs/d.jpg": picture(2, "dog"),
  });
  const [a, c, d] = [await idOf("a.jpg"), await idOf("cats/c.jpg"), await idOf("dogs/d.jpg")];
  await studio.act({ act: "label", ids: [a, d], class: "cats" });
  await studio.act({ act: "label", ids: [c], class: "dogs" });
  const before = namesIn(folder);
  const plan = await studio.planApply("move");
  expect(plan.steps.map(({ from, to }) => [from, to])).toEqual([
    ["a.jpg", "cats/a.jpg"],
    ["dogs/d.jpg", "cats/d.jpg"],
  ]);
  expect(plan.problems).toEqual([{ id: c, from: "cats/c.jpg", problem: "There is dogs/c.jpg already" }]);
  expect(namesIn(folder)).toEqual(before);
  await expect(studio.apply("other")).rejects.toThrow("have changed");
  await expect(studio.apply(plan.token)).rejects.toThrow("have changed");
  const again = await studio.planApply("move");
  expect(again.token).toBe(plan.token);
  expect(await studio.apply(again.token)).toEqual({ done: 2, problems: again.problems });
  expect(namesIn(folder)).toEqual(["b.jpg", "cats/a.jpg", "cats/c.jpg", "cats/d.jpg", "dogs/c.jpg"]);
  expect((await studio.photographs([a, c, d])).map(({ name, label, labelledBy }) => [name, label, labelledBy])).toEqual([
    ["cats/a.jpg", "cats", "user"],
    ["cats/c.jpg", "dogs", "user"],
    ["cats/d.jpg", "cats", "user"],
  ]);
  // Undone, a label is that of the folder in which the file was.
  await studio.undo();
  await studio.undo();
  expect((await studio.photographs([a, d])).map(({ label }) => label)).toEqual([undefined, "dogs"]);
  expect((await studio.planApply("move")).steps).toEqual([{ id: d, from: "cats/d.jpg", to: "dogs/d.jpg" }]);

  const copies = await studio.planApply("copy");
  expect(copies.to).toBe(`${folder}-sorted`);
  await studio.apply(copies.token);
  expect(namesIn(`${folder}-sorted`)).toEqual(["cats/c.jpg", "dogs/c.jpg", "dogs/d.jpg"]);
  expect(namesIn(folder)).toHaveLength(5);
});

test("training needs two photographs of two classes, and says so", async () => {
  const { studio, idOf } = await open({ "a.jpg": picture(1), "b.jpg": picture(2), "c.jpg": picture(1, "dog") });
  await expect(studio.train({})).rejects.toThrow("no labels to learn from");
  await studio.act({ act: "label", ids: [await idOf("a.jpg"), await idOf("b.jpg")], class: "cats" });
  await expect(studio.train({})).rejects.toThrow('All labels are "cats"');
  await studio.act({ act: "label", ids: [await idOf("c.jpg")], class: "dogs" });
  await expect(studio.train({})).rejects.toThrow('The class "dogs" has only one photograph');
  await expect(studio.resume("none")).rejects.toThrow("no such run");
  expect(studio.state.runs).toEqual([]);
});
