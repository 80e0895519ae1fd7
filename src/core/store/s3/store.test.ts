// The store in a bucket against the contract of stores: on a small server in this process, and on a real one where there is one.

import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { storeContract } from "../../../../test/contract/store.ts";
import { type FakeS3, startFakeS3 } from "../../../../test/fixtures/fake-s3.ts";
import { realS3, S3_ENV, type S3Server, startRealS3 } from "../../../../test/fixtures/real-s3.ts";
import { s3Client } from "./client.node.ts";
import { s3Store } from "./store.node.ts";

let next = 0;
/** A place that no other test writes to. */
const place = (): string => `s3://photos/deep/${next++}/er`;

describe("on a small server", () => {
  let server: FakeS3;
  beforeAll(async () => {
    server = await startFakeS3(["photos"], { pageSize: 2 });
    for (const [name, value] of Object.entries({ ...S3_ENV, AWS_ENDPOINT_URL_S3: server.url })) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });
  storeContract(async () => s3Store(place()));

  test("a prefix may be empty, or end with a slash", async () => {
    await s3Store("s3://photos/a/").put("b", "text");
    expect([...((await s3Store("s3://photos").get("a/b")) ?? [])].length).toBe(4);
    expect(s3Store("s3://photos/a/").locate("b")).toBe("s3://photos/a/b");
  });
});

describe.skipIf(realS3 === undefined)(`on ${realS3 ?? "a real server, which this machine lacks (versitygw, moto_server)"}`, () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startRealS3();
    for (const [name, value] of Object.entries({ ...S3_ENV, AWS_ENDPOINT_URL_S3: server.url })) vi.stubEnv(name, value);
    const { s3 } = await s3Client();
    await s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.stop();
  });
  storeContract(async () => s3Store(place()));
});
