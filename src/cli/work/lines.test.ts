// The lines of `thaw work`.

import { expect, test } from "vitest";
import type { Job } from "../../queue/job.ts";
import { idleLines, workLines } from "./lines.ts";

const job = { shard: 3, shards: 12, paths: ["album"] } as unknown as Job;
const crash = {
  event: "outcome",
  job,
  outcome: { kind: "crash", message: "The engine's process ended with SIGABRT" },
  seconds: 2,
} as const;

test("of a shard that fails, the last failure says that it is set aside", () => {
  expect(workLines(crash)).toEqual(["Shard 3 of 12 of album: failed: The engine's process ended with SIGABRT"]);
  expect(workLines({ ...crash, aside: true })).toEqual([
    "Shard 3 of 12 of album: failed, and is set aside: The engine's process ended with SIGABRT",
  ]);
});

test("a worker that ends tells what is set aside, and how to see why", () => {
  expect(idleLines(0, "thaw jobs postgres://host/photos")).toEqual(["Nothing left to do."]);
  expect(idleLines(1, "thaw jobs postgres://host/photos")).toEqual([
    "Nothing left to do; 1 shard set aside. See why:",
    "",
    "  thaw jobs postgres://host/photos",
  ]);
});
