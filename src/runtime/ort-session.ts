// What both ONNX Runtime packages share: sessions that take and return thaw's tensors, without a copy.

import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-common";
import type { ElementType, Tensor } from "../core/tensor.ts";
import type { Session, Tensors } from "./engine.ts";

/** `discard` frees the copies that a package returns of outputs that it wrote to the tensors in `into`. */
export function ortSession(
  ort: { Tensor: TensorConstructor },
  session: InferenceSession,
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
  return {
    async run(feeds, into) {
      if (released) throw new Error("The session has been released");
      const results = into
        ? await session.run(wrap(feeds), { ...Object.fromEntries(session.outputNames.map((name) => [name, null])), ...wrap(into) })
        : await session.run(wrap(feeds));
      if (into) discard?.(Object.keys(into).map((name) => ((results[name] as OrtTensor).data as Float32Array).buffer as ArrayBuffer));
      const computed = Object.entries(results).map(([name, value]) => [
        name,
        { type: value.type as ElementType, shape: value.dims, data: value.data } as Tensor,
      ]);
      return { ...Object.fromEntries(computed), ...into };
    },
    async release() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}
