// A warning of Node's (a deprecated call, a leak of listeners) fails the run. Properties are tried on the same inputs at every run, so that
// one that passed passes again; FUZZ_SEED=<any number> tries others.

import fc from "fast-check";
import { afterAll } from "vitest";

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });

function refuse(warning: Error): never {
  throw warning;
}

process.on("warning", refuse);
// The files that one process runs share it.
afterAll(() => void process.off("warning", refuse));
