// The commands that look at a saved model, measure it and hand it on: info, evaluate, export.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadClassifier } from "../../src/index.ts";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";
import { thaw } from "./command.ts";

let model: string;
let photos: string;
/** The classes of the pictures, in the order of their files, by the name of their folder and by the model. */
const [truth, answers, certainties]: [string[], string[], number[]] = [[], [], []];

beforeAll(async () => {
  const stages = [{ name: "precompute", accuracy: 0.75, seconds: 62, kept: true }];
  model = await makeModel({
    calibration: { temperature: 2, noneBelow: 0.9 },
    training: { seed: 7, accuracy: 0.75, ttaAccuracy: null, stages, more: { any: [1] } },
  });
  photos = join(await temporaryFolder(), "photos");
  const loaded = await loadClassifier(model);
  for (const name of ["cats", "dogs"]) {
    await mkdir(join(photos, name), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const bytes = await picture(name === "cats" ? i : i + 20);
      await writeFile(join(photos, name, `${i}.png`), bytes);
      const [best] = await loaded.predict(bytes);
      truth.push(name);
      answers.push(best!.class);
      certainties.push(best!.probability);
    }
  }
  await loaded.dispose();
});

test("thaw info tells what a model is", () => {
  const { status, stdout } = thaw("info", model);
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "predicts     one class for each picture
    classes      cats, dogs
    network      squeezenet1_1
    head         hidden layers of 4
    parameters   730,718
    pictures     64 × 64: short side scaled, centre cut out
    calibration  temperature 2, none of the classes below 90.0 %
    files        model.json 0.001 MB, weights.safetensors 2.9 MB
    format       version 4
    seed         7
    accuracy     75.0 %

    stage       accuracy   time  result
    precompute    75.0 %  01:02  kept
    "
  `);
  const json = JSON.parse(thaw("info", model, "--json").stdout);
  expect(json).toMatchObject({ version: 4, classes: ["cats", "dogs"], calibration: { temperature: 2 }, training: { more: { any: [1] } } });
  expect(json.files.map(({ file }: { file: string }) => file)).toEqual(["model.json", "weights.safetensors"]);
});

describe("thaw evaluate", () => {
  test("counts what the model answers", () => {
    const { status, stdout } = thaw("evaluate", model, photos, "--json");
    expect(status).toBe(0);
    const { images, metrics, report, confused } = JSON.parse(stdout);
    const right = truth.filter((name, i) => name === answers[i]).length;
    const sure = certainties.filter((certainty) => certainty >= 0.9).length;
    expect(images).toBe(12);
    expect(metrics.accuracy).toBeCloseTo(right / 12, 6);
    expect(metrics.answered).toBeCloseTo(sure / 12, 6);
    expect(report.classes.map((row: { support: number }) => row.support)).toEqual([6, 6]);
    expect(confused.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(12 - right);
  });

  test("reads labels from a table too, and names a file that it cannot read", async () => {
    const csv = join(photos, "..", "labels.csv");
    await writeFile(join(photos, "cats", "bad.png"), "no picture");
    const rows = truth.map((name, i) => `${name}/${i % 6}.png,${name}`);
    await writeFile(csv, ["image,label", ...rows, "cats/bad.png,cats", ""].join("\n"));
    const { status, stdout } = thaw("evaluate", model, photos, "--csv", csv);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^12 photographs\ncats\/bad\.png: not an image\n\naccuracy +\d+\.\d %\n/);
  });

  test("says how a table is read whose labels have spaces", async () => {
    const spaced = await makeModel({ classes: ["big cats", "small dogs"] });
    const csv = join(photos, "..", "spaced.csv");
    const rows = truth.map((name, i) => `${name}/${i % 6}.png,${name === "cats" ? "big cats" : "small dogs"}`);
    await writeFile(csv, ["image,label", ...rows, ""].join("\n"));
    const { status, stderr } = thaw("evaluate", spaced, photos, "--csv", csv);
    expect(status).toBe(2);
    expect(stderr).toContain('The class "big" of line 2 of spaced.csv is not among the classes\nhint: These are: big cats, small dogs. ');
    expect(stderr).toContain('Cells are split at " "; if each is one label, say so (catSeparator: "", --labels-separator "").');
    const whole = thaw("evaluate", spaced, photos, "--csv", csv, "--labels-separator", "", "--json");
    expect(whole.status).toBe(0);
    expect(JSON.parse(whole.stdout)).toMatchObject({ kind: "single", images: 12 });
  });

  test("refuses classes that the model does not know", async () => {
    const { status, stderr } = thaw("evaluate", model, join(photos, ".."));
    expect(status).toBe(2);
    expect(stderr).toContain('has "photos", which the model does not know\nhint: The model knows cats, dogs.');
  });
});

describe("thaw export", () => {
  test("writes an ONNX file beside the model, and not twice", async () => {
    expect(thaw("export", model).stdout).toMatch(/model\.onnx {2}2\.\d MB\n$/);
    // ONNX names its producer in the first bytes.
    expect((await readFile(`${model}.onnx`)).subarray(0, 16).toString()).toContain("thaw");
    const again = thaw("export", model);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain(`${model}.onnx already exists`);
    expect(thaw("export", model, "--force").status).toBe(0);
  });

  test("writes a page with the model, its name and all that predicts", async () => {
    const out = join(photos, "..", "page");
    const { format, files } = JSON.parse(thaw("export", model, "--page", out, "--json").stdout);
    expect(format).toBe("page");
    const names = (files as string[]).map((file) => file.slice(out.length + 1));
    expect(names).toEqual(expect.arrayContaining(["index.html", "service-worker.js", "model/model.json", "model/weights.safetensors"]));
    expect(names.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
    expect(await readFile(join(out, "index.html"), "utf8")).toContain(`<title>${basename(model)}</title>`);
    expect(thaw("export", model, "--page", out).stderr).toContain("already exists\nhint: Choose another place with --page");
    // What an older version of the page had goes, and nothing else: its list is not trusted either.
    const { format: mark } = JSON.parse(await readFile(join(out, "files.json"), "utf8"));
    const older = { format: mark, own: ["assets/index-00000000.js", "../beside.txt"], large: ["older/large.wasm"] };
    await mkdir(join(out, "older"));
    for (const name of [...older.own, ...older.large, "assets/own.js"]) await writeFile(join(out, name), "");
    await writeFile(join(out, "files.json"), JSON.stringify(older));
    expect(thaw("export", model, "--page", out, "--force").status).toBe(0);
    const left = (await readdir(out, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const found = left.map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1));
    expect(found.sort()).toEqual([...names, "assets/own.js"].sort());
    expect(await readdir(join(out, ".."))).toContain("beside.txt");
    for (const [flag, value] of [
      ["--out", "other"],
      ["--format", "onnx"],
    ] as const) {
      const { status, stderr } = thaw("export", model, "--page", `${out}-2`, flag, value);
      expect([status, stderr]).toEqual([2, expect.stringMatching(`--page.*cannot be used with.*${flag}`)]);
    }
  });

  test("writes the folder that transformers.js opens", async () => {
    const out = join(photos, "..", "for-transformers");
    const { files } = JSON.parse(thaw("export", model, "--format", "transformers", "--out", out, "--json").stdout);
    expect(files).toEqual(["config.json", "preprocessor_config.json", "onnx/model.onnx"].map((path) => join(out, path)));
    expect(files.every(existsSync)).toBe(true);
    expect(JSON.parse(await readFile(files[0], "utf8"))).toMatchObject({ id2label: { 0: "cats", 1: "dogs" } });
  });
});
