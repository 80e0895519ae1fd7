// The network of work that names none: from a local hub that is fast, slow, silent, broken or not there.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { COMMIT, give, type Misbehaviour, startHub } from "../../../test/fixtures/hub-server.ts";
import type { HubFile } from "../published/published.ts";
import { bestNetwork, nameOf, rowOf, shippedNetwork, type Workload } from "./candidates.ts";
import { defaultNetworkInWords } from "./default-network.ts";
import { type FindDefaultNodeOptions, findDefaultNetwork } from "./find-default.node.ts";
import { MEASURED_SETS, measuredNetworks } from "./measured.ts";

const best = bestNetwork(measuredNetworks.filter(({ isEstimate = false }) => !isEstimate));
const file = rowOf(best).hub as HubFile;
const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) % 251));
const workload: Workload = { photographs: 2000, cores: 2, sizeOf: ({ size }) => size };
const HOUR = 3_600_000;
/** So that a busy machine changes nothing. */
const LONG = { answer: 60_000, trial: 60_000, download: 600_000 };
const FOR_ANSWERS = { ...LONG, answer: 300 };
const FOR_SPEED = { ...LONG, trial: 300, download: 20_000 };
const cacheOf = ({ repository }: HubFile): string => join("hub", `models--${repository.replace("/", "--")}`);

async function hub(misbehave?: Misbehaviour) {
  const server = await startHub(content, misbehave, file);
  const home = mkdtempSync(join(tmpdir(), "default-network-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const env = { HF_HOME: home, HF_ENDPOINT: server.address };
  const find = (options: FindDefaultNodeOptions = {}) => findDefaultNetwork(workload, { env, patience: LONG, now: 0, ...options });
  const parts = () => readdirSync(join(home, cacheOf(file), "blobs")).filter((name) => name.endsWith(".incomplete"));
  return { ...server, home, env, find, parts };
}

/** Sends ten bytes now and then. */
function trickle(response: ServerResponse): true {
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": content.length });
  response.write(content.subarray(0, 1000));
  const timer = setInterval(() => response.write(content.subarray(0, 10)), 20);
  response.on("close", () => clearInterval(timer));
  return true;
}

const isBody: Misbehaviour = ({ server, range }) => server === "store" && range !== "bytes=0-0";
const fromHub = { network: nameOf(best), weights: best.weights, accuracy: best.accuracy, source: "hub" };
const shipped = { network: "thaw_small", weights: "thaw_small", accuracy: shippedNetwork.accuracy, source: "thaw" };
const missed = (why: unknown) => ({
  ...shipped,
  missed: { network: nameOf(best), weights: best.weights, accuracy: best.accuracy, megabytes: best.megabytes, why },
});

test("a hub that answers gives the best network, and the next run has it without asking", async () => {
  const { find, requests } = await hub();
  const tasks = new Set<string>();
  expect(await find({ onProgress: ({ task }) => tasks.add(task) })).toEqual(fromHub);
  expect([...tasks]).toEqual([`Downloading ${file.repository}/model.safetensors`]);
  const asked = requests.length;
  expect(await find()).toEqual({ ...fromHub, source: "cache" });
  expect(await find({ offline: true })).toEqual({ ...fromHub, source: "cache" });
  expect(requests).toHaveLength(asked);
});

describe("a hub that is silent", () => {
  test("is waited for once in an hour", async () => {
    const { find, requests, address } = await hub(() => true);
    const why = `${address} did not answer in 0.3 seconds`;
    const start = performance.now();
    expect(await find({ patience: FOR_ANSWERS })).toEqual(missed(why));
    expect(performance.now() - start).toBeLessThan(5000);
    const asked = requests.length;
    expect(await find({ now: HOUR - 1 })).toEqual(missed(`${why}, less than an hour ago`));
    expect(requests).toHaveLength(asked);
    await find({ now: HOUR, patience: FOR_ANSWERS });
    expect(requests.length).toBeGreaterThan(asked);
  });

  test("does not speak for another one", async () => {
    const { find, env } = await hub(() => true);
    await find({ patience: FOR_ANSWERS });
    const other = await startHub(content, undefined, file);
    expect(await find({ env: { ...env, HF_ENDPOINT: other.address } })).toEqual(fromHub);
  });
});

test("a hub that cannot be reached is remembered too", async () => {
  const { find, env } = await hub();
  const away = { ...env, HF_ENDPOINT: "http://127.0.0.1:1" };
  const why = "http://127.0.0.1:1 cannot be reached (bad port)";
  expect(await find({ env: away })).toEqual(missed(why));
  expect(await find({ env: away })).toEqual(missed(`${why}, less than an hour ago`));
});

test("a hub that does not have the file is not waited for, and asked again the next time", async () => {
  const { find, address, requests } = await hub((_, response) => {
    response.writeHead(404, { "X-Error-Code": "RepoNotFound" }).end();
    return true;
  });
  expect(await find()).toEqual(missed(`${address} has no such repository (404)`));
  const asked = requests.length;
  await find();
  expect(requests).toHaveLength(2 * asked);
});

test("a slow download is given up, and its part is what a later one goes on from", async () => {
  let isSlow = true;
  const { find, address, parts, requests } = await hub((seen, response) => isSlow && isBody(seen, response) && trickle(response));
  expect(await find({ patience: FOR_SPEED })).toEqual(missed(`the download from ${address} would have taken more than 20 seconds`));
  expect(parts()).toHaveLength(1);
  isSlow = false;
  // The rest of a right beginning is asked for; what trickled in does not have the hub's hash and is deleted.
  await find({ now: HOUR });
  expect(requests.at(-1)?.range).toMatch(/^bytes=\d{4}\d*-2999999$/);
});

test("Ctrl-C ends the download, keeps its part and is not the hub's fault", async () => {
  const { find, parts, home } = await hub((seen, response) => isBody(seen, response) && trickle(response));
  const controller = new AbortController();
  const reason = new Error("Ctrl-C");
  const found = find({ signal: controller.signal, onProgress: () => controller.abort(reason) });
  await expect(found).rejects.toBe(reason);
  expect(parts()).toHaveLength(1);
  expect(readdirSync(home)).toEqual(["hub"]);
});

test("a connection that breaks once is forgiven", async () => {
  let isFirst = true;
  const { find } = await hub((seen, response) => {
    if (!isBody(seen, response) || !isFirst) return false;
    isFirst = false;
    give(content, undefined, response, 1_000_000);
    return true;
  });
  expect(await find()).toEqual(fromHub);
});

test("a download that is damaged is not used, and not kept", async () => {
  const { find, parts } = await hub((seen, response) => {
    if (!isBody(seen, response)) return false;
    give(Buffer.alloc(content.length), seen.range, response);
    return true;
  });
  expect(await find()).toEqual(missed(expect.stringMatching(/^the download has the SHA-256 \w+, but the hub lists/)));
  expect(parts()).toEqual([]);
});

describe("without asking the hub", () => {
  test("nothing is downloaded offline", async () => {
    const { find, env, requests } = await hub();
    expect(await find({ offline: true })).toEqual(missed("nothing may be downloaded"));
    expect(await find({ env: { ...env, HF_HUB_OFFLINE: "1" } })).toEqual(missed("nothing may be downloaded"));
    expect(requests).toEqual([]);
  });

  test("a file in the cache that is damaged is not taken", async () => {
    const { find, home } = await hub();
    const snapshot = join(home, cacheOf(file), "snapshots", COMMIT);
    await find();
    rmSync(join(snapshot, file.file));
    writeFileSync(join(snapshot, file.file), "damaged");
    expect(await find({ offline: true })).toEqual(missed("nothing may be downloaded"));
  });

  test("weights that are here are taken where better ones cannot be had, and only there", async () => {
    const { find, home, requests } = await hub();
    const second = measuredNetworks.find(({ isEstimate }) => isEstimate)!;
    const { repository } = rowOf(second).hub!;
    const cache = join(home, cacheOf({ ...file, repository }));
    for (const folder of ["refs", join("snapshots", COMMIT)]) mkdirSync(join(cache, folder), { recursive: true });
    writeFileSync(join(cache, "refs", "main"), COMMIT);
    writeFileSync(join(cache, "snapshots", COMMIT, file.file), "weights");
    const { weights, accuracy } = second;
    expect(await find({ offline: true })).toEqual({
      ...missed("nothing may be downloaded"),
      ...{ network: nameOf(second), weights, accuracy, isEstimate: true, source: "cache" },
    });
    expect(requests).toEqual([]);
    expect(await find()).toEqual(fromHub);
  });

  test("a time limit that is short takes the fast network", async () => {
    const { env, requests } = await hub();
    expect(await findDefaultNetwork({ ...workload, time: 1 }, { env })).toEqual(missed("the time is short"));
    expect(await findDefaultNetwork({ ...workload, photographs: 3_000_000 }, { env })).toEqual(missed("there are so many photographs"));
    expect(requests).toEqual([]);
  });
});

test("a line says which network, why, and what the other would give", async () => {
  const percent = (accuracy: number) => `${Math.round(accuracy * 100)} %`;
  const [many, few] = [percent(best.accuracy), percent(shippedNetwork.accuracy)];
  const { find, address } = await hub();
  expect(defaultNetworkInWords(await find({ env: { HF_HUB_OFFLINE: "1", HF_HOME: "nowhere" } }))).toBe(
    `thaw_small, because nothing may be downloaded; ${nameOf(best)} (${Math.round(best.megabytes)} MB) gives ${many} instead of ${few} on ${MEASURED_SETS} sets of photographs`,
  );
  expect(address).toMatch(/^http/);
  expect(defaultNetworkInWords(await find())).toBe(
    `${nameOf(best)}, just downloaded: ${many} on ${MEASURED_SETS} sets of photographs, ${few} with thaw_small, which comes with thaw`,
  );
});
