// The contract that both engines (onnxruntime-node and onnxruntime-web) meet.

import type { Tensor } from "../core/tensor.ts";

/** Where a session computes. "cpu" is Node's native CPU, "wasm" WebAssembly in a browser; "webgpu" works in both. */
export type Device = "cpu" | "webgpu" | "wasm";

export interface SessionOptions {
  /** Default: "cpu" in Node, "wasm" in a browser. */
  device?: Device;
  /** Threads of one session; default: all cores that the process may use. */
  threads?: number;
  /** What a trace calls its runs; default "session". */
  name?: string;
}

export type Tensors = Readonly<Record<string, Tensor>>;

export interface Session {
  /** Runs the graph once. `into` gives tensors, allocated before, that outputs are written to; they must not be read by this run. */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  /** Frees the session's memory; running it afterwards is an error. Calling it twice is not. */
  release(): Promise<void>;
}

export interface Engine {
  /** Where it computes unless told otherwise. */
  readonly device: Device;
  open(model: Uint8Array, options: SessionOptions): Promise<Session>;
}
