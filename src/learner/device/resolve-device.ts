// The device that a learner's options ask for, with the choice of "auto" made, and a warning where threads are missing.

import { DEVICES } from "#devices";
import { expected } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { type Device, isDevice } from "../../runtime/engine.ts";
import { checkDevice, defaultDevice, missingThreads } from "../../runtime/session.ts";
import { chooseDevice, type DeviceChoice, type MeasuredNetwork } from "./choose-device.ts";

/** Where to compute: a device, or the faster one. */
export type DeviceName = Device | "auto";

export interface DeviceOptions extends Pick<WorkOptions, "onWarning"> {
  readonly device?: DeviceName | undefined;
  readonly onDevice?: ((choice: DeviceChoice) => void) | undefined;
}

let warned = false;

/** Throws a UsageError for a name that is no device, and for a device that this machine does not have. */
export async function requireDevice(device: DeviceName | undefined): Promise<void> {
  checkName(device);
  if (device !== undefined && device !== "auto") await checkDevice(device);
}

function checkName(device: DeviceName | undefined): void {
  if (device !== undefined && device !== "auto" && !isDevice(device)) {
    const names = ["auto", ...DEVICES].map((name) => `"${name}"`);
    throw expected(`${names.slice(0, -1).join(", ")} or ${names.at(-1)}`, "the device", device);
  }
}

/** The device to compute on. Warns, once, if it is WebAssembly that may not use threads. Throws a UsageError for a name that is no device. */
export async function resolveDevice({ device, onDevice, onWarning }: DeviceOptions, measured: MeasuredNetwork): Promise<Device> {
  checkName(device);
  const taken = device === "auto" ? (await chooseDevice(measured, onDevice)).device : (device ?? (await defaultDevice()));
  const warning = taken === "wasm" ? missingThreads() : undefined;
  if (warning && onWarning && !warned) {
    warned = true;
    onWarning(warning);
  }
  return taken;
}
