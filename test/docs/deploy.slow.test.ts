// The page on deploying: its server, its server with a worker thread, and its functions answer as they would in a product.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ConvLearner, drawSample, ImageClassifierData, tfmsFromModel, thawSmall } from "../../src/index.ts";
import { blocksOf, changed, folderWithThaw } from "./run-page.ts";

const [server = "", worker = "", pool = "", fn = ""] = await blocksOf("docs/deploy.md");
const picture = "pets/valid/dogs/dog-0001.jpg";

/** A project with sample photographs and a model, whose head is as it was drawn. */
let folder: string;
beforeAll(async () => {
  folder = await folderWithThaw(["piscina"]);
  await drawSample({ folder: join(folder, "pets"), count: 6 });
  const data = await ImageClassifierData.fromPaths(join(folder, "pets"), { tfms: tfmsFromModel(thawSmall, 48), bs: 4 });
  const learn = await ConvLearner.pretrained(thawSmall, data, { precompute: true });
  await learn.save(join(folder, "photos-model"));
  await learn.dispose();
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts server.mjs and gives its address, and what ends it and gives its exit code. */
async function serve(): Promise<{ address: string; stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, ["server.mjs"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(createInterface(child.stdout), "line");
  const ended = once(child, "exit");
  return {
    address: `http://localhost:${String(line).replace("listening on ", "")}`,
    stop: async () => {
      child.kill("SIGTERM");
      return (await ended)[0];
    },
  };
}

test.each([
  ["on its own thread", []],
  ["in a worker thread", [['const model = await loadClassifier("photos-model");', pool.replace(/^\/\/.*\n/, "")]]],
] as const)(
  "the server answers with the classes, and says what it cannot read: %s",
  async (_where, changes) => {
    await writeFile(join(folder, "worker.mjs"), worker);
    await writeFile(join(folder, "server.mjs"), changed(server, [...changes, ["listen(8080", "listen(0"]]));
    const { address, stop } = await serve();
    const post = async (body: Uint8Array<ArrayBuffer> | string): Promise<readonly [number, unknown]> => {
      const response = await fetch(address, { method: "POST", body });
      return [response.status, await response.json()];
    };
    const [status, classes] = await post(new Uint8Array(await readFile(join(folder, picture))));
    expect(status).toBe(200);
    expect((classes as { class: string }[]).map((each) => each.class).sort()).toEqual(["cats", "dogs"]);
    expect(await post("no picture")).toEqual([400, { error: expect.stringContaining("not an image") }]);
    expect((await post("x".repeat(20_000_001)))[0]).toBe(413);
    expect((await fetch(address)).status).toBe(405);
    expect(await stop()).toBe(0);
  },
  120_000,
);

test("the functions answer a web request and a Lambda event alike", async () => {
  await writeFile(join(folder, "function.mjs"), changed(fn, [['"photos-model"', JSON.stringify(join(folder, "photos-model"))]]));
  const { default: answer, handler } = await import(pathToFileURL(join(folder, "function.mjs")).href);
  const bytes = await readFile(join(folder, picture));
  const response: Response = await answer(new Request("http://localhost/", { method: "POST", body: bytes }));
  const classes = await response.json();
  expect(classes).toHaveLength(2);
  const { statusCode, body } = await handler({ body: bytes.toString("base64"), isBase64Encoded: true });
  expect(statusCode).toBe(200);
  expect(JSON.parse(body)).toEqual(classes);
}, 120_000);
