// What goes wrong with a graphics processor: there is none, or it was lost while something ran.

import { UsageError } from "../core/errors.ts";

/** The device was lost, with all that was in its memory: its driver restarted, the computer slept, or the browser took it away. */
export class LostDeviceError extends UsageError {
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `The graphics processor was lost${reason === "" ? "" : `: ${reason}`}`,
      'What was stored is kept: start thaw again, or reload the page, and resume; "wasm", or in Node "cpu", is a device that cannot be lost.',
      options,
    );
  }
}

/** The error of opening a session on WebGPU as a UsageError, if it says that there is no such device; or else as it is. */
export function withoutAdapter(error: unknown): unknown {
  return error instanceof Error && /adapter|WebGPU is not supported/i.test(error.message) ? noAdapter({ cause: error }) : error;
}

export function noAdapter(options?: ErrorOptions): UsageError {
  return new UsageError(
    'There is no graphics processor for the device "webgpu"',
    'Update the browser or the driver, or use the device "wasm", or in Node "cpu".',
    options,
  );
}

/** The error of a run on WebGPU in Node as a LostDeviceError, if it says that the device is lost; or else as it is. */
export function withLoss(error: unknown): unknown {
  if (!(error instanceof Error) || !/\bdevice\b.*\blost\b/is.test(error.message)) return error;
  return new LostDeviceError((error.message.split("\n")[0] as string).trim(), { cause: error });
}
