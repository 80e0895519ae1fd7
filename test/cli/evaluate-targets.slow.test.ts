// `thaw evaluate` on models of several labels and of numbers, trained here, against what their own predictions give by hand.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { ConvLearner, ImageClassifierData, loadClassifier, loadRegressor, squeezeNet11, tfmsFromModel } from "../../src/index.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { temporaryFolder } from "../learner/tiny.ts";
import { thaw } from "./command.ts";

interface Row {
  readonly file: string;
  readonly tags: readonly string[];
  /** Brightness and redness. */
  readonly amounts: readonly [number, number];
}

const COUNT = 30;
const rows: Row[] = [];
let root: string;
let photos: string;

/** A table in the folder of the pictures, whose first column names them. */
const table = (name: string, head: string, of: (row: Row) => string): Promise<void> =>
  writeFile(join(photos, name), [`image,${head}`, ...rows.map((row, i) => `${i},${of(row)}`), ""].join("\n"));

/** A model in `name` that was trained for a moment on one of the tables. */
async function trained(name: string, csv: string, options: { continuous?: boolean; labelColumns?: readonly string[] }): Promise<string> {
  const weights = join(root, "squeezenet.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "evaluate")));
  const tfms = tfmsFromModel(squeezeNet11, 32, { crop: "none" });
  const data = await ImageClassifierData.fromCsv(photos, "", csv, { tfms, bs: 8, suffix: ".png", ...options });
  const learner = await ConvLearner.pretrained(squeezeNet11, data, { weights, seed: 7, precompute: true });
  await learner.fit(0.01, 4);
  await learner.save(join(root, name));
  return join(root, name);
}

beforeAll(async () => {
  root = await temporaryFolder();
  photos = join(root, "photos");
  await mkdir(photos);
  for (let i = 0; i < COUNT; i++) {
    const [bright, red] = [20 + ((i * 37) % 200), i % 3 === 0];
    const file = join(photos, `${i}.png`);
    await sharp({ create: { width: 40, height: 30, channels: 3, background: { r: red ? 255 : 0, g: bright, b: bright } } })
      .png()
      .toFile(file);
    rows.push({ file, tags: [...(red ? ["red"] : []), ...(bright > 120 ? ["bright"] : [])], amounts: [bright, red ? 3 : 1] });
  }
  await table("tags.csv", "tags", ({ tags }) => tags.join(" "));
  await table("amounts.csv", "brightness,redness,note", ({ amounts }) => `${amounts.join(",")},4`);
});

const share = (of: readonly boolean[]): number => of.filter(Boolean).length / of.length;
const average = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("a model of several labels", () => {
  const classes = ["bright", "red"];
  let model: string;
  /** Whether each picture is given each label. */
  const chosen: boolean[][] = [];

  beforeAll(async () => {
    model = await trained("tags-model", "tags.csv", {});
    const loaded = await loadClassifier(model);
    for (const { file } of rows) {
      const predictions = await loaded.predict(file);
      chosen.push(classes.map((name) => predictions.find((each) => each.class === name)!.present!));
    }
    await loaded.dispose();
  });

  /** What `thaw evaluate` must say of the first pictures. */
  const expectMeasures = (stdout: string, count: number): void => {
    const { kind, images, metrics, report } = JSON.parse(stdout);
    expect([kind, images]).toEqual(["multi", count]);
    const cells = rows.slice(0, count).map(({ tags }, i) => classes.map((name, k) => ({ is: tags.includes(name), said: chosen[i]![k]! })));
    const f1 = classes.map((_, k) => {
      const column = cells.map((row) => row[k]!);
      const hits = column.filter(({ is, said }) => is && said).length;
      return (2 * hits) / Math.max(1, column.filter(({ is }) => is).length + column.filter(({ said }) => said).length);
    });
    expect(metrics).toEqual({
      accuracy: expect.closeTo(share(cells.flat().map(({ is, said }) => is === said)), 10),
      exactMatch: expect.closeTo(share(cells.map((row) => row.every(({ is, said }) => is === said))), 10),
      f1: expect.closeTo(average(f1), 10),
    });
    expect(report.classes.map((row: { f1: number }) => row.f1)).toEqual(f1.map((value) => expect.closeTo(value, 10)));
    expect(report.classes.map((row: { support: number }) => row.support)).toEqual(
      classes.map((_, k) => cells.filter((row) => row[k]!.is).length),
    );
  };

  test("is measured label by label, and has learnt something", () => {
    const { status, stdout } = thaw("evaluate", model, photos, "--csv", "tags.csv", "--suffix", ".png", "--json");
    expect(status).toBe(0);
    expectMeasures(stdout, COUNT);
    expect(JSON.parse(stdout).metrics.accuracy).toBeGreaterThan(0.7);
  });

  test("is measured as one where no row of the table has more than one label", async () => {
    const only = rows.slice(0, 2);
    expect(only.map(({ tags }) => tags)).toEqual([["red"], []]);
    await writeFile(join(photos, "few.csv"), ["image,tags", ...only.map(({ tags }, i) => `${i},${tags.join(" ")}`), ""].join("\n"));
    const { status, stdout } = thaw("evaluate", model, photos, "--csv", "few.csv", "--suffix", ".png", "--json");
    expect(status).toBe(0);
    expectMeasures(stdout, 2);
  });

  test("is told in lines that fit a terminal", () => {
    const { stdout } = thaw("evaluate", model, photos, "--csv", "tags.csv", "--suffix", ".png");
    expect(stdout).toMatch(
      /^30 photographs\n\naccuracy +\d+\.\d %\nall labels right +\d+\.\d %\nF1 \(macro\) +[\d.]+\n\nclass +precision +recall +F1 +images\nbright /,
    );
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  test("asks for a table where folders can name one class only", () => {
    const { status, stderr } = thaw("evaluate", model, photos);
    expect(status).toBe(2);
    expect(stderr).toContain("Give a table: --csv.");
  });
});

describe("a model of numbers", () => {
  let model: string;
  const values: number[][] = [];

  beforeAll(async () => {
    model = await trained("amounts-model", "amounts.csv", { continuous: true, labelColumns: ["redness", "brightness"] });
    const loaded = await loadRegressor(model);
    for (const { file } of rows) {
      const amounts = await loaded.predict(file);
      values.push([amounts.get("brightness")!, amounts.get("redness")!]);
    }
    await loaded.dispose();
  });

  test("is measured in its units, on the columns that it predicts", () => {
    const { status, stdout } = thaw("evaluate", model, photos, "--csv", "amounts.csv", "--suffix", ".png", "--json");
    expect(status).toBe(0);
    const { kind, images, metrics } = JSON.parse(stdout);
    expect([kind, images]).toEqual(["continuous", COUNT]);
    const columns = [0, 1].map((column) => {
      const truth = rows.map(({ amounts }) => amounts[column]!);
      const errors = values.map((row, i) => row[column]! - truth[i]!);
      const squared = average(errors.map((error) => error ** 2));
      const spread = average(truth.map((value) => (value - average(truth)) ** 2));
      return { rmse: Math.sqrt(squared), mae: average(errors.map(Math.abs)), r2: 1 - squared / spread };
    });
    expect(metrics).toEqual({
      "rmse redness": expect.closeTo(columns[1]!.rmse, 4),
      "mae redness": expect.closeTo(columns[1]!.mae, 4),
      "rmse brightness": expect.closeTo(columns[0]!.rmse, 4),
      "mae brightness": expect.closeTo(columns[0]!.mae, 4),
      r2: expect.closeTo(average(columns.map(({ r2 }) => r2)), 4),
    });
  });

  test("is told in lines that fit a terminal", () => {
    const { stdout } = thaw("evaluate", model, photos, "--csv", "amounts.csv", "--suffix", ".png");
    const numbers = ["redness", "brightness"].map(
      (name) => `root mean squared error: ${name} +[\\d.]+\nmean absolute error: ${name} +[\\d.]+\n`,
    );
    expect(stdout).toMatch(new RegExp(`^30 photographs\n\n${numbers.join("")}R² +-?[\\d.]+\n$`));
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  test("refuses columns that it does not predict, and a table without its own", () => {
    const evaluate = (csv: string, ...flags: string[]) => thaw("evaluate", model, photos, "--csv", csv, "--suffix", ".png", ...flags);
    const other = evaluate("amounts.csv", "--label-column", "redness");
    expect(other).toMatchObject({ status: 2 });
    expect(other.stderr).toContain("The model predicts the columns redness, brightness, not redness");
    const none = evaluate("tags.csv");
    expect(none).toMatchObject({ status: 2 });
    expect(none.stderr).toContain('tags.csv has no column "redness"');
  });
});
