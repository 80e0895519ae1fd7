// Shards in a real object store, whose workers are killed: every row once, and every chunk of activations, and the same.

import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";
import { realS3, S3_ENV, type S3Server, startRealS3 } from "../fixtures/real-s3.ts";
import { main, thawBeside } from "./command.ts";

const PHOTOGRAPHS = 1300;

describe.skipIf(realS3 === undefined)(`with ${realS3 ?? "a real server, which this machine lacks (versitygw, moto_server)"}`, () => {
  let [server, s3, model] = [undefined as unknown as S3Server, undefined as unknown as S3Client, ""];
  let env: Record<string, string>;
  beforeAll(async () => {
    // The client warns of versions later than this one.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    server = await startRealS3();
    env = { ...S3_ENV, AWS_ENDPOINT_URL_S3: server.url };
    model = await makeModel({ classes: ["cats", "dogs"] });
    s3 = new S3Client({
      endpoint: server.url,
      forcePathStyle: true,
      region: S3_ENV.AWS_REGION,
      credentials: { accessKeyId: S3_ENV.AWS_ACCESS_KEY_ID, secretAccessKey: S3_ENV.AWS_SECRET_ACCESS_KEY },
    });
    for (const Bucket of ["photos", "parts"]) await s3.send(new CreateBucketCommand({ Bucket }));
    for (let i = 0; i < PHOTOGRAPHS; i++)
      await s3.send(new PutObjectCommand({ Bucket: "photos", Key: `album/${i % 7}/${i}.png`, Body: await picture(i % 50) }));
  }, 300_000);
  afterAll(() => server.stop());

  const parts = async (prefix: string): Promise<number> =>
    (await s3.send(new ListObjectsV2Command({ Bucket: "parts", Prefix: prefix }))).KeyCount ?? 0;

  test("a worker that is killed after its first part, and two at the same shard, leave the rows of one undisturbed process", async () => {
    const work = (prefix: string) => ["predict", model, "s3://photos/album", "--out", `s3://parts/${prefix}`, "--threads", "1"];
    const killed = spawn(process.execPath, [main, ...work("one")], { env: { ...process.env, ...env }, stdio: "ignore" });
    while ((await parts("one/")) < 2) await wait(50);
    killed.kill("SIGKILL");
    expect(await parts("one/")).toBeLessThan(5);
    const both = await Promise.all([thawBeside(env, ...work("one")), thawBeside(env, ...work("one"))]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    await thawBeside(env, ...work("two"));
    const folder = await temporaryFolder();
    const tables = await Promise.all(
      ["one", "two"].map(async (prefix) => {
        const file = join(folder, `${prefix}.jsonl`);
        expect((await thawBeside(env, "join", `s3://parts/${prefix}`, "--jsonl", file)).stdout).toContain(
          `${PHOTOGRAPHS} photographs`.replace(/(\d)(\d{3})/, "$1,$2"),
        );
        return readFile(file, "utf8");
      }),
    );
    expect(tables[0]).toBe(tables[1]);
  }, 300_000);

  test("a killed share of features goes on at its next chunk, and training reads them to the bits of a run on the disk", async () => {
    const album = join(await temporaryFolder(), "pets");
    for (const name of ["cats", "dogs"]) {
      await mkdir(join(album, name), { recursive: true });
      for (let i = 0; i < 350; i++) {
        const Body = await picture(name === "cats" ? i % 50 : 60 + (i % 50));
        await writeFile(join(album, name, `${i}.png`), Body);
        await s3.send(new PutObjectCommand({ Bucket: "photos", Key: `pets/${name}/${i}.png`, Body }));
      }
    }
    const network = ["--arch", "thaw_small", "--size", "64", "--offline", "--threads", "1"];
    /** Of 560 training images three chunks, and of 140 validation images one; with the time at which each was written. */
    const chunks = async (): Promise<ReadonlyMap<string, number>> => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "parts", Prefix: "features/activations/" }));
      const found = Contents.filter(({ Key }) => /\/c\.\d+\.0$/.test(Key ?? ""));
      return new Map(found.map(({ Key, LastModified }) => [Key as string, LastModified?.getTime() as number]));
    };
    const share = (shard: string) => ["features", "s3://photos/pets", ...network, "--shard", shard, "--out", "s3://parts/features"];
    const killed = spawn(process.execPath, [main, ...share("1/2")], { env: { ...process.env, ...env }, stdio: "ignore" });
    while ((await chunks()).size === 0) await wait(20);
    killed.kill("SIGKILL");
    await wait(1100); // The times have whole seconds.
    const before = await chunks();
    expect(before.size).toBeLessThan(3);
    expect((await Promise.all(["1/2", "2/2"].map((shard) => thawBeside(env, ...share(shard))))).map(({ status }) => status)).toEqual([
      0, 0,
    ]);
    const stored = await chunks();
    expect(stored.size).toBe(4);
    for (const [key, time] of before) expect([key, stored.get(key)]).toEqual([key, time]);

    const models = await temporaryFolder();
    const trained = async (photographs: string, cache: string, out: string) => {
      const run = [
        "train",
        photographs,
        ...network,
        "--cache",
        cache,
        "--stages",
        "precompute",
        "--epochs",
        "1",
        "--out",
        join(models, out),
      ];
      expect(await thawBeside(env, ...run)).toMatchObject({ status: 0 });
      return readFile(join(models, out, "weights.safetensors"));
    };
    const there = await trained("s3://photos/pets", "s3://parts/features", "there");
    expect(await chunks()).toEqual(stored);
    expect(there.equals(await trained(album, join(models, "cache"), "here"))).toBe(true);
  }, 600_000);
});
