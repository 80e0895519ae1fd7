// What a user hears of a graphics processor that is missing, or that is lost while something runs.

import { expect, test } from "vitest";
import { UsageError } from "../core/errors.ts";
import { sayingLoss } from "./engine.node.ts";
import { LostDeviceError, withoutAdapter } from "./lost-device.ts";
import { checkDevice } from "./session.ts";
import { hasVulkan } from "./vulkan.node.ts";

const failing = (message: string) => {
  const fail = async () => {
    throw new Error(message);
  };
  return sayingLoss({ run: fail, runOn: fail, release: async () => undefined });
};

test("in Node a run that ends because the device is lost says so, and any other as it is", async () => {
  for (const message of ['Failed to download data: [Device "ort"] is lost.\n    at Map', "WebGPU device lost (2): driver restarted"]) {
    const error = await failing(message)
      .run({})
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LostDeviceError);
    expect((error as LostDeviceError).message).toBe(`The graphics processor was lost: ${message.split("\n")[0]}`);
    await expect(failing(message).runOn({}, {}, [])).rejects.toBeInstanceOf(LostDeviceError);
  }
  const other = await failing("Non-zero status code returned while running Conv node")
    .run({})
    .catch((reason: unknown) => reason);
  expect(other).not.toBeInstanceOf(UsageError);
});

test("only an error about the adapter means that there is no graphics processor", () => {
  expect(withoutAdapter(new Error("Failed to get a WebGPU adapter"))).toBeInstanceOf(UsageError);
  const other = new Error("Out of memory");
  expect(withoutAdapter(other)).toBe(other);
});

test("a device that computes passes the check, and one that is not here is refused in a sentence with a cure", async () => {
  await checkDevice("cpu");
  await checkDevice("wasm");
  if (hasVulkan()) return;
  const error = await checkDevice("webgpu").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "UsageError", message: 'There is no graphics processor for the device "webgpu"' });
  expect((error as UsageError).hint).toContain('the device "wasm"');
});
