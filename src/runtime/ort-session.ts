// What both ONNX Runtime packages share: sessions that take and return thaw's tensors, without a copy.

import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-common";
import type { ElementType, Tensor } from "../core/tensor.ts";
import type { DeviceTensor, Session, Tensors } from "./engine.ts";

/** A tensor of ONNX Runtime in the device's memory. */
interface OrtDeviceTensor extends DeviceTensor {
  readonly tensor: OrtTensor;
}

/** Where a session's outputs go: on WebGPU those in `holds` stay in the device's memory. */
export function outputLocations(holds: readonly string[] = []): Pick<InferenceSession.SessionOptions, "preferredOutputLocation"> {
  return holds.length > 0 ? { preferredOutputLocation: Object.fromEntries(holds.map((name) => [name, "gpu-buffer"])) } : {};
}

/** `discard` frees the copies that a package returns of outputs that it wrote to the tensors in `into`. */
export function ortSession(
  ort: { Tensor: TensorConstructor },
  session: InferenceSession,
  holds: readonly string[] = [],
  discard?: (copies: readonly ArrayBuffer[]) => void,
): Session {
  let released = false;
  const wrap = (tensors: Tensors): Record<string, OrtTensor> =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { type, data, shape }]) => [
        name,
        new ort.Tensor(type, data as never, shape) as unknown as OrtTensor,
      ]),
    );
  const checkOpen = (): void => {
    if (released) throw new Error("The session has been released");
  };
  return {
    async run(feeds, into) {
      checkOpen();
      const results = into
        ? await session.run(wrap(feeds), { ...Object.fromEntries(session.outputNames.map((name) => [name, null])), ...wrap(into) })
        : await session.run(wrap(feeds));
      if (into) discard?.(Object.keys(into).map((name) => ((results[name] as OrtTensor).data as Float32Array).buffer as ArrayBuffer));
      return { ...Object.fromEntries(Object.entries(results).map(([name, value]) => [name, unwrap(value)])), ...into };
    },
    async runOn(held, feeds, wanted) {
      checkOpen();
      const onDevice = Object.entries(held).map(([name, value]) => [name, (value as OrtDeviceTensor).tensor]);
      const results = await session.run({ ...wrap(feeds), ...Object.fromEntries(onDevice) }, [...wanted, ...holds]);
      return {
        results: Object.fromEntries(wanted.map((name) => [name, unwrap(results[name] as OrtTensor)])),
        held: Object.fromEntries(holds.map((name) => [name, heldOf(results[name] as OrtTensor)])),
      };
    },
    async release() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

function unwrap(value: OrtTensor): Tensor {
  return { type: value.type as ElementType, shape: value.dims, data: value.data } as Tensor;
}

function heldOf(tensor: OrtTensor): OrtDeviceTensor {
  return { tensor, shape: tensor.dims, dispose: () => tensor.dispose() };
}
