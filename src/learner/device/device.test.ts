import { expect, test, vi } from "vitest";
import { squeezeNet11 } from "../../nn/architectures/squeezenet.ts";
import { initialiseParameters } from "../../nn/initialise.ts";
import { networkOf, parametersOf } from "../network.ts";
import { chooseDevice, type MeasuredNetwork } from "./choose-device.ts";
import { resolveDevice } from "./resolve-device.ts";

const network = networkOf(squeezeNet11, { hidden: [8], ps: [0, 0] }, 2);
const measured: MeasuredNetwork = {
  network,
  parameters: initialiseParameters(parametersOf(network), "device"),
  size: 32,
  normalization: squeezeNet11,
};

test('"auto" takes the fastest device that can be measured, says which once, and why another was not', async () => {
  const onDevice = vi.fn();
  const choice = await chooseDevice(measured, onDevice);
  const fastest = choice.measured.toSorted((a, b) => a.milliseconds - b.milliseconds)[0];
  expect(choice.device).toBe(fastest?.device);
  expect(choice.measured[0]?.device).toBe("cpu");
  expect(choice.measured.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
  if (choice.measured.length === 1) expect(choice.failed).toMatch("There is no graphics processor");
  expect(await resolveDevice({ device: "auto", onDevice }, measured)).toBe(choice.device);
  expect(onDevice).toHaveBeenCalledExactlyOnceWith(choice);
});

test("a device that is named is taken as it is, and one that is none is refused", async () => {
  expect(await resolveDevice({ device: "webgpu" }, measured)).toBe("webgpu");
  expect(await resolveDevice({}, measured)).toBe("cpu");
  await expect(resolveDevice({ device: "gpu" as never }, measured)).rejects.toThrow(
    'Expected "auto", "cpu", "wasm" or "webgpu" for the device but received "gpu"',
  );
});
