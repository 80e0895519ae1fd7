// The contract of all engines: ONNX Runtime's native library in Node, and its WebAssembly in browsers and in Node.

import { DEVICES } from "#devices";
import type { Warning } from "../core/progress.ts";
import type { ElementType, Tensor } from "../core/tensor.ts";
import type { Graph } from "../graph/types.ts";

/** Where a session computes. "cpu" is Node's native CPU, which a browser's types lack; "wasm" (WebAssembly) and "webgpu" work in both. */
export type Device = (typeof DEVICES)[number];

/** Whether `name` is one of them. */
export function isDevice(name: string): name is Device {
  return DEVICES.some((device) => device === name);
}

export interface SessionOptions {
  /** Default: "cpu" in Node, and "wasm" in a browser and where Node cannot load the native library. */
  device?: Device;
  /** Threads of one session; default: all cores that the process may use. */
  threads?: number;
  /** The name of its runs in a trace; default "session". */
  name?: string;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** A tensor in the memory of the device. It is freed by hand. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  dispose(): void;
}

export type DeviceTensors = Readonly<Record<string, DeviceTensor>>;

/** What a run leaves: tensors that were copied from the device, and those that stay there. */
export interface DeviceResults {
  readonly results: Readonly<Record<string, Tensor>>;
  readonly held: DeviceTensors;
}

export interface Session {
  /** Runs the graph once. Outputs are written to the tensors in `into`, which this run must not read, except `overwritable` inputs. */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  /**
   * Runs the graph once, also on tensors in the device's memory. Of the outputs, only those in `wanted` are copied from the device, and those
   * that the session was opened to hold stay there. On WebGPU only.
   */
  runOn(held: DeviceTensors, feeds: Tensors, wanted: readonly string[]): Promise<DeviceResults>;
  /** Frees the session's memory; running it afterwards is an error, releasing it again is not. */
  release(): Promise<void>;
}

/** What a tensor is to be like. */
export interface TensorKind {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Tensors in the memory that WebAssembly computes in. Only who made them may hold them, because they must not be used once they are freed. */
export interface Placed {
  /** In the order of the kinds; of any values at first. */
  readonly tensors: readonly Tensor[];
  /** Frees them after the runs that were started before. */
  free(): Promise<void>;
}

/** What opens a model on a device. */
export interface OpenOptions {
  readonly device: Device;
  readonly threads?: number | undefined;
  /** Set for a session that plans no memory in advance, which takes up to twice as much from the second run on. Default false. */
  readonly unplanned?: boolean | undefined;
  /**
   * Set for a session that computes while others decode images: its threads sleep when they have nothing to do, instead of keeping a core for
   * the next operator. Default false.
   */
  readonly sleeps?: boolean | undefined;
  /** Outputs that `runOn` leaves in the memory of the device. */
  readonly holds?: readonly string[] | undefined;
}

export interface Engine {
  /** The default device. */
  device(): Promise<Device>;
  /** Why WebAssembly has one thread here, and what gives it more; undefined if it has them. */
  missingThreads(): Warning | undefined;
  open(model: Uint8Array, options: OpenOptions): Promise<Session>;
  /**
   * Tensors that runs of sessions on `device`, of which one is open, neither copy to WebAssembly's memory nor from it; undefined on devices for
   * which there are none.
   */
  place(device: Device, kinds: readonly TensorKind[]): Promise<Placed | undefined>;
  /** An 8-bit graph for the CPU with the same results, with each operator in the form that this machine computes fastest; absent if there is one form. */
  faster?(graph: Graph): Promise<Graph>;
}
