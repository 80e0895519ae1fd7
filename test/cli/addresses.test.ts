// Photographs, models and parts in an object store, by the command.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type FakeS3, startFakeS3, xmlError } from "../fixtures/fake-s3.ts";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";
import { S3_ENV } from "../fixtures/real-s3.ts";
import { type Outcome, thawBeside } from "./command.ts";

let server: FakeS3;
let model = "";
let env: Record<string, string>;
const run = (...args: readonly string[]): Promise<Outcome> => thawBeside(env, ...args);

beforeAll(async () => {
  server = await startFakeS3(["photos", "parts"], { pageSize: 5 });
  env = { ...S3_ENV, AWS_ENDPOINT_URL_S3: server.url };
  model = await makeModel({ classes: ["cats", "dogs"] });
  for (const name of ["model.json", "weights.safetensors"]) server.values.set(`photos/model/${name}`, await readFile(join(model, name)));
  for (let i = 0; i < 13; i++)
    server.values.set(`photos/album/${i % 3}/photo ${i}é.png`, i === 5 ? new TextEncoder().encode("no picture") : await picture(i));
  server.values.set("photos/album/.thaw/x.png", await picture(0));
  server.values.set("photos/album/notes.txt", new Uint8Array(3));
  server.values.set("photos/album/README", new TextEncoder().encode("About these photographs."));
  server.values.set("photos/album/0/", new Uint8Array(0));
});
afterEach(() => {
  server.spoil = () => false;
});
afterAll(() => server.close());

const sorted = (text: string): readonly string[] => text.trimEnd().split("\n").sort();

test("three shards of an address, in parts at an address, joined, are the table of one process", async () => {
  const shards = await Promise.all(
    [1, 2, 3].map((shard) => run("predict", "s3://photos/model", "s3://photos/album", "--shard", `${shard}/3`, "--out", "s3://parts/one")),
  );
  expect(shards.map(({ status }) => status)).toEqual([0, 0, 0]);
  const csv = join(await temporaryFolder(), "all.csv");
  const joined = await run("join", "s3://parts/one", "--csv", csv);
  expect([joined.status, joined.stdout]).toEqual([0, `3 shards, 13 photographs, 1 unreadable: written to ${csv}\n`]);
  const one = await run("predict", "s3://photos/model", "s3://photos/album/", "--csv");
  expect(one.status).toBe(1);
  expect(sorted(one.stdout)).toEqual(sorted(await readFile(csv, "utf8")));
  expect(one.stdout).toContain("s3://photos/album/1/photo 1é.png,");
});

test("photographs that cannot be had are rows; the others are predicted", async () => {
  server.spoil = ({ method, key }, response) => {
    if (method !== "GET" || !key.includes("photo 4")) return false;
    response.writeHead(403).end(xmlError("AccessDenied"));
    return true;
  };
  const { status, stdout } = await run("predict", model, "s3://photos/album/1", "s3://photos/none.png", `${server.url}/none.jpg`, "--json");
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect([status, rows.map(({ file, error }) => [file.replace(server.url, ""), error])]).toEqual([
    1,
    [
      ["s3://photos/album/1/photo 10é.png", undefined],
      ["s3://photos/album/1/photo 1é.png", undefined],
      ["s3://photos/album/1/photo 4é.png", 'access to the bucket "photos" is denied'],
      ["s3://photos/album/1/photo 7é.png", undefined],
      ["s3://photos/none.png", "file not found"],
      ["/none.jpg", "its server answers 404 Not Found"],
    ],
  ]);
});

test("a store that answers no more ends a shard with the code that asks for another try, and no part says otherwise", async () => {
  let failing = false;
  server.spoil = ({ method, key }, response) => {
    failing ||= method === "GET" && key.includes("photo 4");
    if (!failing) return false;
    response.writeHead(503).end(xmlError("SlowDown"));
    return true;
  };
  const impatient = { ...env, AWS_MAX_ATTEMPTS: "3" };
  const { status, stderr } = await thawBeside(impatient, "predict", model, "s3://photos/album/1", "--out", "s3://parts/two");
  expect([status, stderr]).toEqual([75, expect.stringContaining("the server answers 503 SlowDown")]);
  server.spoil = () => false;
  expect([...server.values.keys()].filter((key) => key.startsWith("parts/two"))).toEqual([]);
  expect((await run("predict", model, "s3://photos/album/1", "--out", "s3://parts/two")).status).toBe(0);
});

test.each([
  [["predict", "MODEL", "s3://nowhere/album"], 'there is no bucket "nowhere"'],
  [["predict", "MODEL", "s3://photos/nothing", "--out", "s3://parts/three"], "There are no images in s3://photos/nothing"],
  [["predict", "MODEL", "s3://x"], "Expected s3://bucket or s3://bucket/prefix"],
  [["join", "s3://parts/one", "--csv", "s3://parts/all.csv"], "is an address, and this is written to this machine's disk alone"],
  [["train", "s3://photos/album", "--out", "s3://photos/model"], "is an address, and this is written to this machine's disk alone"],
])("thaw %j is a mistake that is named", async (args, message) => {
  const { status, stderr } = await run(...args.map((arg) => (arg === "MODEL" ? model : arg)));
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("a folder of classes at an address is checked, and measured with a model", async () => {
  for (let i = 0; i < 12; i++) server.values.set(`photos/pets/${i % 2 ? "cats" : "dogs"}/${i}.png`, await picture(i));
  const cache = await temporaryFolder();
  const check = await run("check", "s3://photos/pets", "--cache", cache);
  expect([check.status, check.stdout]).toEqual([expect.any(Number), expect.stringContaining("12 images in 2 classes")]);
  const measured = await run("evaluate", model, "s3://photos/pets", "--json");
  expect([measured.status, JSON.parse(measured.stdout).images]).toEqual([0, 12]);
});
