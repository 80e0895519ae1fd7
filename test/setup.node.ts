// A warning from Node (a deprecated call, a leak of listeners) fails the run. Property tests use the same inputs in every run, so that they
// are reproducible; FUZZ_SEED=<any number> uses others.

import fc from "fast-check";
import { afterAll } from "vitest";

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });

function refuse(warning: Error): never {
  throw warning;
}

process.on("warning", refuse);
// Shared by the files that one process runs.
afterAll(() => void process.off("warning", refuse));
