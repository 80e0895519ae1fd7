// The devices of sessions in Node: its native CPU, WebAssembly and WebGPU.

export const DEVICES = ["cpu", "wasm", "webgpu"] as const;
