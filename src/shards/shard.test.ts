import { expect, test } from "vitest";
import { hashName, parseShard, shardOf } from "./shard.ts";

test.each([
  ["2/3", {}, { shard: 2, shards: 3 }],
  ["1/1000000", {}, { shard: 1, shards: 1_000_000 }],
  ["auto", { SLURM_ARRAY_TASK_ID: "7", SLURM_ARRAY_TASK_MIN: "5", SLURM_ARRAY_TASK_COUNT: "4" }, { shard: 3, shards: 4 }],
  [
    "auto/3",
    { SLURM_ARRAY_TASK_ID: "2", SLURM_ARRAY_TASK_MIN: "0", SLURM_ARRAY_TASK_MAX: "2", SLURM_ARRAY_TASK_COUNT: "3" },
    { shard: 3, shards: 3 },
  ],
  ["auto", { AWS_BATCH_JOB_ARRAY_INDEX: "0", AWS_BATCH_JOB_ARRAY_SIZE: "16" }, { shard: 1, shards: 16 }],
  ["auto/20", { JOB_COMPLETION_INDEX: "19" }, { shard: 20, shards: 20 }],
])("%s under %j is a shard", (text, env, shard) => {
  expect(parseShard(text, env)).toEqual(shard);
});

test.each([
  ["0/3", {}, "2/3"],
  ["4/3", {}, "2/3"],
  ["3", {}, "2/3"],
  ["1/1000001", {}, "2/3"],
  ["-1/3", {}, "2/3"],
  ["1/3/5", {}, "2/3"],
  ["auto", {}, "SLURM_ARRAY_TASK_ID"],
  ["auto", { JOB_COMPLETION_INDEX: "19" }, "JOB_COMPLETION_INDEX does not say how many"],
  ["auto/20", { JOB_COMPLETION_INDEX: "20" }, "2/3"],
  // sbatch --array=3,7 of eight, and --array=5: as the tasks of Slurm 22.05 get them.
  [
    "auto",
    { SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_MIN: "3", SLURM_ARRAY_TASK_MAX: "7", SLURM_ARRAY_TASK_COUNT: "2" },
    "--shard auto needs the whole array, and this one has 2 of its tasks",
  ],
  [
    "auto/8",
    { SLURM_ARRAY_TASK_ID: "5", SLURM_ARRAY_TASK_MIN: "5", SLURM_ARRAY_TASK_MAX: "5", SLURM_ARRAY_TASK_COUNT: "1" },
    "--shard auto/8 needs the whole array, and this one has 1 of its tasks",
  ],
  ["auto", { SLURM_ARRAY_TASK_ID: "x", SLURM_ARRAY_TASK_COUNT: "4" }, "2/3"],
])("%s under %j is a mistake", (text, env, message) => {
  expect(() => parseShard(text, env)).toThrow(expect.objectContaining({ name: "UsageError", message: expect.stringContaining(message) }));
});

test("each photograph is in one shard, in about as many as in each other, and stays there", () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `album/${i % 7}/photo ${i}.jpg`);
  const hashes = names.map(hashName);
  for (const shards of [3, 16, 100]) {
    const counts = Array.from({ length: shards }, (_, i) => hashes.filter((hash) => shardOf(hash, shards) === i + 1).length);
    expect(counts.reduce((sum, each) => sum + each)).toBe(names.length);
    const mean = names.length / shards;
    for (const each of counts) expect(Math.abs(each - mean)).toBeLessThan(5 * Math.sqrt(mean));
  }
  // CRC-32C of "123456789" is 0xe3069283 (RFC 3720, B.4, gives the algorithm): 3808858755 modulo 16 is 3.
  expect(shardOf(hashName("123456789"), 16)).toBe(4);
});
