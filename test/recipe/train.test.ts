// The whole recipe through the public door, on pictures made for it: what it reports, saves, keeps and refuses.

import { readdirSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DoneEvent,
  type FilePrediction,
  loadClassifier,
  type RecipeEvent,
  readReport,
  type SavedEvent,
  squeezeNet11,
  type TrainOptions,
  train,
} from "../../src/index.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../../src/nn/index.ts";
import { memoryStore } from "../contract/memory-store.ts";
import { memoryTree } from "../fixtures/memory-tree.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";

let folder: string;
let weights: string;
const events: RecipeEvent[] = [];
/** The files of the model when the run said that it is saved. */
let atSaved: readonly string[] = [];

function run(options: Partial<TrainOptions> = {}): ReturnType<typeof train> {
  return train({
    folder,
    arch: "squeezenet1_1",
    weights,
    seed: 3,
    bs: 8,
    size: 64,
    // Of so few pictures the last training stage is left out by default.
    stages: ["precompute", "augment", "unfreeze", "tta"],
    force: false,
    onEvent: (event) => void events.push(event),
    ...options,
  });
}

beforeAll(async () => {
  folder = await makePictures(16, 8);
  weights = join(await temporaryFolder(), "squeezenet.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(squeezeNet11), "recipe")));
  await run({
    onEvent(event) {
      events.push(event);
      if (event.event === "saved") atSaved = readdirSync(event.model);
    },
  });
}, 120_000);

describe("what is refused leaves nothing, and a run that was stopped stays", () => {
  const refused = async (options: Partial<TrainOptions>) => {
    const out = join(await temporaryFolder(), "model");
    const seen: RecipeEvent[] = [];
    const refusal = await run({ out, onEvent: (event) => void seen.push(event), ...options }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: "UsageError" });
    expect(await readdir(dirname(out))).toEqual([]);
    return { message: (refusal as Error).message, seen: seen.map(({ event }) => event) };
  };

  test("another network's weights, before the photographs are looked at", async () => {
    const { message, seen } = await refused({ arch: "thaw_small" });
    expect(message).toContain("contains the weights of squeezenet1_1, not of thaw_small");
    expect(seen.filter((event) => event !== "progress")).toEqual([]);
  });

  test("the folders that were made for the model's", async () => {
    const above = await temporaryFolder();
    await expect(run({ out: join(above, "a", "b", "model"), arch: "thaw_small" })).rejects.toMatchObject({ name: "UsageError" });
    expect(await readdir(above)).toEqual([]);
  });

  test("a layer group that the network lacks, by the flag's name, before the plan", async () => {
    const { message, seen } = await refused({ freezeTo: 9 });
    expect(message).toBe("Expected a whole number from -3 to 2 for freezeTo (--freeze-to) but received 9");
    expect(seen).not.toContain("recipe");
  });
});

describe("a whole run", () => {
  test("is not reported to --resume as another one", async () => {
    await expect(run({ resume: true, size: 32 })).rejects.toThrow("pictures-model is over, and it had the stages precompute (");
    await expect(run({ resume: true, seed: 4 })).rejects.toThrow("pictures-model is over, and it had seed 3, not seed 4");
    // What a kill in the middle of the deletion leaves of the finished run goes too.
    const unfinished = join(dirname(folder), "pictures-model.unfinished");
    await mkdir(unfinished);
    await writeFile(join(unfinished, "1-precompute.safetensors"), "");
    expect(await run({ resume: true, onEvent: () => {} })).toEqual(events.findLast(({ event }) => event === "done"));
    await expect(stat(unfinished)).rejects.toThrow("ENOENT");
  });

  test("goes through the stages in order and ends with what it saved", () => {
    const stages = events.filter((event) => event.event === "stageEnd");
    expect(stages.map((stage) => stage.name)).toEqual(["precompute", "augment", "unfreeze", "tta"]);
    const done = events.at(-1);
    expect(done).toMatchObject({ event: "done", model: join(dirname(folder), "pictures-model") });
  });

  test("says what it came to when the model is there, before it computes the report", () => {
    const [{ event: _, ...saved }, { event: __, report, ...done }] = [
      events.find(({ event }) => event === "saved") as SavedEvent,
      events.at(-1) as DoneEvent,
    ];
    expect(saved).toEqual(done);
    expect(atSaved).toEqual(expect.arrayContaining(["model.json", "recipe.json", "weights.safetensors"]));
    expect(report).toBe(join(done.model, "report.html"));
    expect(atSaved).not.toContain("report.html");
  });

  test("never ends below its best stage, and says which stages were kept", () => {
    const done = events.at(-1) as Extract<RecipeEvent, { event: "done" }>;
    const trained = done.stages.filter((stage) => stage.name !== "tta");
    const first = events.find((event) => event.event === "probe");
    expect(done.accuracy).toBe(Math.max(first?.accuracy ?? 0, ...trained.map((stage) => stage.accuracy)));
    expect(trained.filter(({ kept }) => kept).at(-1)?.accuracy ?? first?.accuracy).toBe(done.accuracy);
  });

  test("says with each epoch how accurate the weights are that it would keep", () => {
    const epochs = events.filter((event) => event.event === "epoch");
    const first = events.find((event) => event.event === "probe")?.accuracy as number;
    for (const [i, { accuracy, bestAccuracy }] of epochs.entries())
      expect([epochs[i - 1]?.bestAccuracy ?? first, accuracy]).toContain(bestAccuracy);
    expect(epochs.at(-1)?.bestAccuracy).toBe((events.at(-1) as DoneEvent).accuracy);
  });

  test("gives a first answer before the finder and the first epoch, and only once", () => {
    const order = events.flatMap(({ event }) => (["stage", "probe", "lr", "epoch"].includes(event) ? [event] : []));
    expect(order.slice(0, 4)).toEqual(["stage", "probe", "lr", "epoch"]);
    expect(order.filter((event) => event === "probe")).toHaveLength(1);
  });

  test("chooses a rate by the finder for the head and for all layers", () => {
    const found = events.flatMap((event) => (event.event === "lr" && event.reason.includes("finder") ? [event.stage] : []));
    expect(found).toEqual(["precompute", "unfreeze"]);
  });

  test("saves a classifier with the accuracy it reports", async () => {
    const done = events.at(-1) as Extract<RecipeEvent, { event: "done" }>;
    const model = await loadClassifier(done.model);
    const files = (
      await Promise.all(
        model.classes.map(async (name) => (await readdir(join(folder, "valid", name))).map((file) => join(folder, "valid", name, file))),
      )
    ).flat();
    let right = 0;
    for await (const result of model.predictFiles(files)) {
      if ("error" in result) throw new Error(result.error);
      expect(result.predictions.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
      if (dirname(result.file).endsWith(result.predictions[0]!.class)) right++;
    }
    const [first] = files as [string];
    expect(await model.predict(await readFile(first))).toEqual(await model.predict(first));
    await model.dispose();
    expect(right / files.length).toBe(done.accuracy);
  });

  test("calibrates the saved model, and says that so few validation images tell no strangers", async () => {
    const done = events.at(-1) as Extract<RecipeEvent, { event: "done" }>;
    const trust = events.find((event) => event.event === "trust");
    expect(trust).toMatchObject({ unfitted: "there are fewer than 20 validation images" });
    expect(trust).not.toHaveProperty("known");
    const { calibration } = JSON.parse(await readFile(join(done.model, "model.json"), "utf8"));
    expect(calibration).toEqual({ temperature: trust?.temperature });
    expect((await readReport(done.model)).trust).toEqual(JSON.parse(JSON.stringify({ ...trust, event: undefined })));
    expect(await readFile(join(done.model, "report.html"), "utf8")).toContain("The model names a class for every photograph");
  });

  test("gives an unreadable file a row of its own and goes on", async () => {
    const model = await loadClassifier((events.at(-1) as Extract<RecipeEvent, { event: "done" }>).model);
    const results: FilePrediction[] = [];
    for await (const result of model.predictFiles([join(folder, "missing.png")])) results.push(result);
    await model.dispose();
    expect(results).toMatchObject([{ file: join(folder, "missing.png"), error: expect.any(String) }]);
  });
});

describe("photographs in a tree of files, with a cache and a model in stores", () => {
  const [cache, out] = [memoryStore(), memoryStore()];
  const inStores = async (options: Partial<TrainOptions> = {}) => {
    const seen: RecipeEvent[] = [];
    const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const contents = new Map<string, Uint8Array>();
    for (const { parentPath, name } of names)
      contents.set(relative(folder, join(parentPath, name)).replaceAll("\\", "/"), await readFile(join(parentPath, name)));
    const done = run({ folder: memoryTree(contents), cache, out, onEvent: (event) => void seen.push(event), ...options });
    return { seen, done };
  };

  test("give the numbers of the same run on folders, stopped in the middle or not, and end with its model and report", async () => {
    const stop = new AbortController();
    const first = await inStores({
      signal: stop.signal,
      onEvent: (event) => event.event === "epoch" && event.stage === "unfreeze" && stop.abort(new Error("stopped")),
    });
    await expect(first.done).rejects.toThrow("stopped");
    expect(await out.list("")).toEqual([]);
    const { seen, done } = await inStores({ resume: true });
    expect(await done).toMatchObject({ model: "memory", report: "memory/report.html" });
    const epochsOf = (all: readonly RecipeEvent[]) =>
      all.flatMap((event) =>
        event.event === "epoch" ? [[event.stage, event.epoch, event.trainLoss, event.validLoss, event.accuracy]] : [],
      );
    expect(epochsOf(seen)).toEqual(epochsOf(events));
    const kept = (await cache.list("")).map(({ key }) => key);
    expect(kept.filter((key) => key.startsWith("activations/")).length).toBeGreaterThan(0);
    expect(kept.filter((key) => key.startsWith("unfinished/"))).toEqual([]);
    const [here, there] = [await loadClassifier(out), await loadClassifier(((await events.at(-1)) as { model: string }).model)];
    const picture = await readFile(join(folder, "valid", "red", "0.png"));
    expect(await here.predict(picture)).toEqual(await there.predict(picture));
    await Promise.all([here.dispose(), there.dispose()]);
    // As many pictures as the report of the run on folders.
    const pictures = (page: string) => page.split("data:image/jpeg").length;
    const page = await readFile(join(dirname(folder), "pictures-model", "report.html"), "utf8");
    expect(pictures(new TextDecoder().decode(await out.get("report.html")))).toBe(pictures(page));
    expect(pictures(page)).toBeGreaterThan(4);
  }, 120_000);

  test("are not overwritten without force", async () => {
    const { done } = await inStores();
    await expect(done).rejects.toThrow("memory already holds a model");
  });
});

describe("a second run", () => {
  test("does not overwrite a model without force", async () => {
    await expect(run()).rejects.toThrow(`${join(dirname(folder), "pictures-model")} already exists`);
  });

  test("repeats the first one's numbers with the same seed, from the same activations", async () => {
    const first = events.filter((event) => event.event === "epoch").map(({ seconds: _, ...rest }) => rest);
    const second: RecipeEvent[] = [];
    await run({ force: true, onEvent: (event) => void second.push(event) });
    expect(second.filter((event) => event.event === "epoch").map(({ seconds: _, ...rest }) => rest)).toEqual(first);
    expect(second.some((event) => event.event === "progress" && event.task.startsWith("Computing"))).toBe(false);
  }, 120_000);

  test("computes nothing that an interrupted one left, and mends a damaged chunk", async () => {
    const cache = await temporaryFolder();
    const stop = new AbortController();
    const interrupted = run({
      force: true,
      cache,
      signal: stop.signal,
      onEvent: (event) => event.event === "epoch" && stop.abort(new Error("stopped")),
    });
    await expect(interrupted).rejects.toThrow("stopped");
    const files = await readdir(join(cache, "activations"), { recursive: true });
    const chunk = join(cache, "activations", files.find((name) => /c[./]0[./]0$/.test(name)) as string);
    const whole = await readFile(chunk);
    await writeFile(chunk, whole.subarray(0, 100));
    const again = new AbortController();
    const computed: string[] = [];
    const second = run({
      force: true,
      cache,
      signal: again.signal,
      onEvent(event) {
        if (event.event === "progress" && event.task.startsWith("Computing") && event.done === event.total) computed.push(event.task);
        if (event.event === "epoch") again.abort(new Error("stopped again"));
      },
    });
    await expect(second).rejects.toThrow("stopped again");
    expect(computed).toEqual([]);
    expect((await readFile(chunk)).equals(whole)).toBe(true);
    await rm(cache, { recursive: true });
  }, 120_000);
});

describe("mistakes", () => {
  test.each([
    ["an unknown network", { arch: "resnet43" }, 'There is no network "resnet43"'],
    ["a folder that does not exist", { folder: "/no/such/folder", out: "/tmp/nowhere-model" }, "/no/such/folder"],
    ["no weights", { weights: undefined, force: true }, "The weights of squeezenet1_1 are not published as safetensors"],
    [
      "weights that do not exist",
      { weights: "/no/such.safetensors", force: true },
      "There is no file, folder or published weights called /no/such.safetensors",
    ],
  ] as const)("%s is refused by name", async (_, options, message) => {
    await expect(run(options as Partial<TrainOptions>)).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
  });

  test("weights of another network are refused, naming both", async () => {
    await expect(run({ arch: "mobilenet_v2", force: true })).rejects.toThrow(
      `${weights} contains the weights of squeezenet1_1, not of mobilenet_v2`,
    );
  });

  test("weights that are cut off are refused", async () => {
    const cut = join(await temporaryFolder(), "cut.safetensors");
    await writeFile(cut, (await readFile(weights)).subarray(0, 100_000));
    await expect(run({ weights: cut, force: true })).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining(cut) });
  });
});
