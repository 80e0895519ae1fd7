// Where a learner computes. "auto" measures the platform's own processor and the graphics processor for a moment, once for each network.

import { zeros } from "../../core/tensor.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { Device, SessionOptions } from "../../runtime/engine.ts";
import { defaultDevice } from "../../runtime/session.ts";
import { type FrozenPartOptions, openFrozenPart } from "../frozen/frozen-part.ts";
import { cutNetwork, type Network } from "../network.ts";
import { stillTrainer } from "../step/still-trainer.ts";

/** What "auto" chose, and why. */
export interface DeviceChoice {
  readonly device: Device;
  /** Milliseconds per image through the body and a step of the head, in the order of the measurements. */
  readonly measured: readonly { readonly device: Device; readonly milliseconds: number }[];
  /** Why a device was not measured, such as that there is none. */
  readonly failed?: string;
}

/** What is measured: a network with its parameters, on images as the learner's data has them. */
export interface MeasuredNetwork extends Pick<FrozenPartOptions, "size" | "normalization"> {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly threads?: number | undefined;
}

/** Images in a batch, runs before anything is timed, and timed runs, of which the fastest counts. */
const [BATCH, WARM, TIMED] = [8, 1, 3];

const chosen = new Map<string, Promise<DeviceChoice>>();

/** Chooses between the platform's own processor and WebGPU, by the same measurement for every learner with the network in this process. */
export function chooseDevice(measured: MeasuredNetwork, onDevice?: (choice: DeviceChoice) => void): Promise<DeviceChoice> {
  const { name } = measured.network.architecture;
  const known = chosen.get(name);
  if (known !== undefined) return known;
  const choice = compare(measured).then((made) => {
    onDevice?.(made);
    return made;
  });
  chosen.set(name, choice);
  choice.catch(() => chosen.delete(name));
  return choice;
}

async function compare(measured: MeasuredNetwork): Promise<DeviceChoice> {
  const own = { device: await defaultDevice(), milliseconds: 0 };
  own.milliseconds = await millisecondsPerImage(measured, own.device);
  try {
    const gpu = { device: "webgpu", milliseconds: await millisecondsPerImage(measured, "webgpu") } as const;
    return { device: gpu.milliseconds < own.milliseconds ? gpu.device : own.device, measured: [own, gpu] };
  } catch (error) {
    return { device: own.device, measured: [own], failed: error instanceof Error ? error.message : String(error) };
  }
}

/** The time of an image's pixels through the body, and of the head's step on what comes out. */
async function millisecondsPerImage(measured: MeasuredNetwork, device: Device): Promise<number> {
  const { network, parameters, size, normalization, threads } = measured;
  const session: SessionOptions = { device, ...(threads && { threads }) };
  const { frozen, trained } = cutNetwork(network, (group) => group === network.groups - 1);
  const part = openFrozenPart({ stages: frozen, parameters, size, normalization, session });
  const trainer = stillTrainer(
    { stages: trained, inputType: part.type, itemShape: part.itemShape, classes: network.outputs, parameters, session },
    network.groups,
  );
  const pixels = zeros("uint8", [BATCH, size, size, network.channels]);
  try {
    return (await fastest(async () => trainer.step(await part.run(pixels)))) / BATCH;
  } finally {
    await Promise.all([part.release(), trainer.release()]);
  }
}

/** Milliseconds of the fastest run. */
async function fastest(run: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < WARM + TIMED; i++) {
    const start = performance.now();
    await run();
    if (i >= WARM) least = Math.min(least, performance.now() - start);
  }
  return least;
}
