// thaw's public API in a browser: what uses a trained model. Training needs Node.

export * from "./classifier/index.ts";
export { UsageError } from "./core/errors.ts";
export { ImageError } from "./data/decode/image.ts";
export type { Device, SessionOptions } from "./runtime/engine.ts";
