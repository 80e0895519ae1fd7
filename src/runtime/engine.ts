// The contract of both engines (onnxruntime-node and onnxruntime-web).

import type { Tensor } from "../core/tensor.ts";

/** Where a session computes. "cpu" is Node's native CPU, "wasm" WebAssembly in a browser; "webgpu" works in both. */
export type Device = "cpu" | "webgpu" | "wasm";

export interface SessionOptions {
  /** Default: "cpu" in Node, "wasm" in a browser. */
  device?: Device;
  /** Threads of one session; default: all cores that the process may use. */
  threads?: number;
  /** The name of its runs in a trace; default "session". */
  name?: string;
}

export type Tensors = Readonly<Record<string, Tensor>>;

export interface Session {
  /** Runs the graph once. Outputs are written to the tensors in `into`, which this run must not read. */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  /** Frees the session's memory; running it afterwards is an error, releasing it again is not. */
  release(): Promise<void>;
}

export interface Engine {
  /** The default device. */
  readonly device: Device;
  open(model: Uint8Array, options: SessionOptions): Promise<Session>;
}
