// The core layer's public API: types that every layer uses.

export { expected, UsageError } from "./errors.ts";
export type { Progress, Warning, WorkOptions } from "./progress.ts";
export { type RandomStream, randomStream } from "./random.ts";
export * from "./tensor.ts";
