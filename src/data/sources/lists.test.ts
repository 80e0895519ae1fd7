// Labels by position, by function and by pattern: which targets they make, and what each mistake is told.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Warning } from "../../core/progress.ts";
import { targetsOf } from "../dataset/targets.ts";
import { labelByPattern, listByFunction, listFolder, listNamed } from "./lists.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-source-"));
afterAll(() => rmSync(root, { recursive: true }));
for (const name of ["cat.1", "cat.2", "cat.3", "dog.1", "dog.2", "deep/dog.3"]) {
  mkdirSync(dirname(join(root, "pets", name)), { recursive: true });
  writeFileSync(join(root, "pets", `${name}.jpg`), "");
}
writeFileSync(join(root, "pets", "notes.txt"), "");
const FILES = ["cat.1", "cat.2", "cat.3", "deep/dog.3", "dog.1", "dog.2"].map((name) => `pets/${name}.jpg`);

describe("labels by position", () => {
  test("belong to the images of a folder sorted by name", async () => {
    const { kind, classes, train, valid } = await listFolder(root, "pets", ["c", "c", "c", "d", "d", "d"], { valIdxs: [0, 3] });
    expect([kind, classes]).toEqual(["single", ["c", "d"]]);
    expect(train.map(({ name, label }) => [name, label])).toEqual(
      [FILES[1], FILES[2], FILES[4], FILES[5]].map((name, i) => [name, i < 2 ? 0 : 1]),
    );
    expect(valid.map(({ name, label }) => [name, label])).toEqual([
      [FILES[0], 0],
      [FILES[3], 1],
    ]);
  });

  test("belong to named images, in the order of the names", async () => {
    const source = await listNamed(root, "pets", ["dog.1", "cat.2", "cat.1"], Int32Array.of(1, 0, 0), {
      suffix: ".jpg",
      valIdxs: [2],
      classes: ["cat", "dog"],
    });
    expect(source.train.map(({ name, label }) => [name, label])).toEqual([
      ["pets/dog.1.jpg", 1],
      ["pets/cat.2.jpg", 0],
    ]);
    expect(source.valid[0]?.file).toBe(join(root, "pets", "cat.1.jpg"));
  });

  test("must be as many as the images", async () => {
    await expect(listFolder(root, "pets", ["c", "d"])).rejects.toThrow(
      "Expected 6, one for each image in pets, for the number of labels but received 2",
    );
    await expect(listNamed(root, "pets", ["a", "b", "c"], ["c", "d"])).rejects.toThrow(
      "Expected 3, one for each file name, for the number of labels but received 2",
    );
  });

  test("that leave nothing to validate on are refused", async () => {
    await expect(listFolder(root, "pets", ["c", "c", "c", "d", "d", "d"], { valIdxs: [] })).rejects.toThrow(
      "There are 6 images to train on and 0 to validate on",
    );
  });
});

describe("a labelling function", () => {
  test("names each image's class, and a part of each class is kept for validation", async () => {
    const { classes, train, valid } = await listByFunction(root, (name) => (name.includes("cat") ? "cat" : "dog"), { validFraction: 0.3 });
    expect(classes).toEqual(["cat", "dog"]);
    for (const label of [0, 1]) {
      expect(train.filter((item) => item.label === label)).toHaveLength(2);
      expect(valid.filter((item) => item.label === label)).toHaveLength(1);
    }
    expect([...train, ...valid].map(({ name }) => name).sort()).toEqual(FILES);
  });

  test("may give several labels, or numbers", async () => {
    const labels = await listByFunction(root, (name) => (name.includes("deep") ? ["dog", "far"] : name.includes("dog") ? ["dog"] : []), {
      valIdxs: [0],
    });
    expect([labels.kind, labels.classes, labels.train.map((item) => item.labels)]).toEqual([
      "multi",
      ["dog", "far"],
      [[], [], [0, 1], [0], [0]],
    ]);
    const numbers = await listByFunction(root, (name) => [name.length, 1], { continuous: true, classes: ["length", "one"], valIdxs: [5] });
    expect([numbers.kind, numbers.classes, numbers.valid[0]?.values]).toEqual(["continuous", ["length", "one"], [14, 1]]);
  });

  test("may be a pattern, which must match every image", async () => {
    const { classes, train, valid } = await listByFunction(root, labelByPattern(/(\w+)\.\d+\.jpg$/g));
    expect(classes).toEqual(["cat", "dog"]);
    expect(train.length + valid.length).toBe(6);
    expect(labelByPattern("/(?<label>[^/]*)$")("a/b")).toBe("b");
    await expect(listByFunction(root, labelByPattern(/cat\.(\d)/))).rejects.toThrow(
      "The pattern /cat\\.(\\d)/ finds no label in pets/deep/dog.3.jpg",
    );
  });

  test("of a class that is all on one side is warned of", async () => {
    const warnings: Warning[] = [];
    await listByFunction(root, (name) => (name.includes("cat") ? "cat" : "dog"), {
      valIdxs: [0],
      onWarning: (warning) => warnings.push(warning),
    });
    expect(warnings.map(({ message }) => message)).toEqual(['1 class has no image to validate on, the first "dog"']);
  });
});

describe("targets", () => {
  test("are read from rows of zeros and ones, and from numbers in rows or alone", () => {
    expect(targetsOf([[0, 1], Uint8Array.of(1, 1), [0, 0]], { classes: ["a", "b"] })).toEqual({
      kind: "multi",
      classes: ["a", "b"],
      targets: [
        { label: -1, labels: [1] },
        { label: -1, labels: [0, 1] },
        { label: -1, labels: [] },
      ],
    });
    expect(targetsOf(Float32Array.of(0.5, 2), { continuous: true })).toEqual({
      kind: "continuous",
      classes: ["value"],
      targets: [
        { label: -1, values: [0.5] },
        { label: -1, values: [2] },
      ],
    });
    expect(targetsOf([[1, 2]], { continuous: true }).classes).toEqual(["value 1", "value 2"]);
    expect(targetsOf([2, 0, 1]).classes).toEqual(["0", "1", "2"]);
  });

  test.each<[string, () => unknown, string]>([
    [
      "an index beyond the classes",
      () => targetsOf([0, 2], { classes: ["a", "b"] }),
      "Expected a whole number from 0 to 1 for entry 2 but received 2",
    ],
    ["a fraction for a class", () => targetsOf([0, 1, 0.5]), "Expected a whole number from 0 to 1 for entry 3 but received 0.5"],
    ["more classes than images", () => targetsOf([0, 1e9]), "Expected a whole number from 0 to 1 for entry 2 but received 1000000000"],
    [
      "a two among zeros and ones",
      () =>
        targetsOf([
          [0, 1],
          [2, 0],
        ]),
      "Expected zeros and ones for entry 2 but received 2",
    ],
    ["rows of other lengths", () => targetsOf([[0, 1], [1]]), "Expected 2 zeros and ones for entry 2 but received 1"],
    [
      "NaN as a number",
      () => targetsOf([1, Number.NaN], { continuous: true }),
      "A target of entry 2 is NaN, which is not a number to learn",
    ],
    ["numbers of other lengths", () => targetsOf([[1, 2], [1]], { continuous: true }), "Expected 2 numbers for entry 2 but received 1"],
    ["words for numbers", () => targetsOf(["x"], { continuous: true }), 'Expected numbers for entry 1 but received "x"'],
    ["two classes of one name", () => targetsOf([0, 1], { classes: ["a", "a"] }), 'There are two classes called "a"'],
    ["two labels where there may be one", () => targetsOf([["a", "b"], ["a"]], { multiLabel: false }), "There are 2 labels in entry 1"],
    ["no labels at all", () => targetsOf([[], []], { multiLabel: true }), "No image has a label"],
    [
      "nothing to label",
      () => targetsOf([]),
      "Expected class names, indices, or rows of zeros and ones for the labels but received undefined",
    ],
  ])("%s is refused", (_, work, message) => {
    expect(work).toThrow(message);
  });
});
