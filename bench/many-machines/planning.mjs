// Listing and planning very many names: seconds per million and peak memory of dividing them among shards, from lists and from an object
// store that makes them up. Only the names of one shard are kept, as by a worker.
//
//   node bench/many-machines/planning.mjs [--names 10000000] [--shards 100] [--sources text,csv,parquet,s3]

import { fork } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    names: { type: "string", default: "10000000" },
    shards: { type: "string", default: "100" },
    sources: { type: "string", default: "text,csv,parquet,s3" },
    source: { type: "string" },
    place: { type: "string" },
  },
});
const [names, shards] = [Number(values.names), Number(values.shards)];
const nameOf = (i) => `album/${i % 1000}/photograph-${String(i).padStart(9, "0")}.jpg`;

/** What a worker does before its first photograph. */
async function plan(source, place) {
  const { divide } = await import("../../dist/shards/names.js");
  const { listedNames } = await import("../../dist/data/lists/listed-names.node.js");
  const { imagesBelow } = await import("../../dist/data/sources/listed-images.node.js");
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const before = process.cpuUsage();
  const start = performance.now();
  const { all, of } = await divide(source === "s3" ? imagesBelow(place) : listedNames(place), shards, 1);
  const own = of(1).own.length;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(before);
  const millions = all.photographs / 1e6;
  process.send({
    photographs: all.photographs,
    own,
    secondsPerMillion: (performance.now() - start) / 1000 / millions,
    processorSecondsPerMillion: (user + system) / 1e6 / millions,
    peakMegabytes: Math.max(peak, process.memoryUsage().rss) / 1e6,
  });
}

async function measureAll() {
  const folder = await mkdtemp(join(tmpdir(), "thaw-planning-"));
  try {
    for (const source of values.sources.split(",")) {
      const { place, env = {}, close = () => {} } = await makers[source](folder);
      const found = await new Promise((resolve, reject) => {
        const args = ["--source", source, "--place", place, "--names", `${names}`, "--shards", `${shards}`];
        const child = fork(fileURLToPath(import.meta.url), args, { env: { ...process.env, ...env } });
        child.once("message", resolve);
        child.once("exit", (code) => reject(new Error(`${source} ended with ${code}`)));
      });
      console.log(
        JSON.stringify({ source, shards, ...found }, (_, value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value)),
      );
      close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeLines(place, head, lineOf) {
  const out = createWriteStream(place);
  out.write(head);
  for (let i = 0; i < names; i += 10_000) {
    const text = Array.from({ length: Math.min(10_000, names - i) }, (_, j) => lineOf(i + j)).join("");
    if (!out.write(text)) await new Promise((resolve) => out.once("drain", resolve));
  }
  await new Promise((resolve) => out.end(resolve));
  return { place };
}

const makers = {
  text: (folder) => writeLines(join(folder, "names.txt"), "", (i) => `${nameOf(i)}\n`),
  csv: (folder) => writeLines(join(folder, "names.csv"), "id,path,label\n", (i) => `${i},${nameOf(i)},cat\n`),
  async parquet(folder) {
    const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
    const { appendFile } = await import("node:fs/promises");
    const place = join(folder, "names.parquet");
    const bytes = new ByteWriter();
    const schema = [
      { name: "root", num_children: 1 },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
    ];
    const writer = new ParquetWriter({ writer: bytes, schema });
    await writeFile(place, "");
    const take = async () => {
      await appendFile(place, bytes.getBytes());
      bytes.index = 0;
    };
    for (let i = 0; i < names; i += 100_000) {
      const data = Array.from({ length: Math.min(100_000, names - i) }, (_, j) => nameOf(i + j));
      await writer.write({ columnData: [{ name: "path", data }], rowGroupSize: 100_000 });
      await take();
    }
    await writer.finish();
    await take();
    return { place };
  },
  /** A server that has all of them, a thousand to a page. */
  async s3() {
    const server = createServer((request, response) => {
      const first = Number(new URL(request.url, "http://s3").searchParams.get("continuation-token") ?? 0);
      const last = Math.min(names, first + 1000);
      const keys = Array.from({ length: last - first }, (_, i) => `<Contents><Key>${nameOf(first + i)}</Key><Size>1</Size></Contents>`);
      const next = last < names ? `<NextContinuationToken>${last}</NextContinuationToken>` : "";
      response.end(
        `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${last < names}</IsTruncated>${next}${keys.join("")}</ListBucketResult>`,
      );
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.address().port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "x",
    };
    return { place: "s3://photos/album", env, close: () => server.close() };
  },
};

if (values.source === undefined) await measureAll();
else await plan(values.source, values.place);
