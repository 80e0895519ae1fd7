// The cost of a network on this machine: images per second through its frozen body and in training steps of all its layers, and memory.
// Weights do not matter for that, so they are drawn at random.

import { normalizePixels } from "../classifier/preprocess.ts";
import { tensor } from "../core/tensor.ts";
import { initialiseParameters } from "../nn/initialise.ts";
import type { Architecture } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openFrozenPart } from "./frozen/frozen-part.ts";
import { cutNetwork, networkOf, parametersOf } from "./network.ts";
import { stillTrainer } from "./step/still-trainer.ts";

export interface SpeedOptions extends SessionOptions {
  /** Side of the images in pixels; default the network's own. */
  readonly size?: number | undefined;
  /** Images in a batch; default 16. */
  readonly bs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was measured. */
export interface Speed {
  readonly size: number;
  readonly bs: number;
  /** Images per second from pixels to pooled features, in full precision. */
  readonly frozen: number;
  /** Images per second in training steps of all layers, with SGD. */
  readonly training: number;
  /** The most memory in megabytes that the process held at the end of each. */
  readonly frozenMemory: number;
  readonly trainingMemory: number;
}

/** Runs before anything is timed, and runs of which the median counts. */
const [WARM, TIMED] = [1, 5];
const CLASSES = 10;

/** Measures `architecture`. The memory is that of the whole process, so each network needs its own process. */
export async function measureSpeed(architecture: Architecture, options: SpeedOptions = {}): Promise<Speed> {
  const { size = architecture.size, bs = 16, signal, ...session } = options;
  const network = networkOf({ ...architecture, size }, { hidden: [512], ps: [0.25, 0.5] }, CLASSES);
  const parameters = initialiseParameters(parametersOf(network), "speed");
  const pixels = tensor(
    "uint8",
    [bs, size, size, 3],
    Uint8Array.from({ length: bs * size * size * 3 }, (_, i) => (i * 7919) % 251),
  );
  const { frozen: stages } = cutNetwork(network, (group) => group === network.groups - 1);
  const part = openFrozenPart({ stages, parameters, size, normalization: architecture, session });
  const frozen = await perSecond(bs, () => part.run(pixels), signal).finally(() => part.release());
  const frozenMemory = peakMemory();
  const trainer = stillTrainer(
    {
      stages: network.stages,
      prepare: (graph, input) => normalizePixels(graph, input, architecture),
      inputType: "uint8",
      itemShape: [size, size, 3],
      classes: CLASSES,
      parameters,
      session,
    },
    network.groups,
  );
  const training = await perSecond(bs, () => trainer.step(pixels), signal).finally(() => trainer.release());
  return { size, bs, frozen, training, frozenMemory, trainingMemory: peakMemory() };
}

async function perSecond(images: number, run: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < WARM + TIMED; i++) {
    signal?.throwIfAborted();
    const start = performance.now();
    await run();
    if (i >= WARM) seconds.push((performance.now() - start) / 1000);
  }
  return images / (seconds.sort((a, b) => a - b)[Math.floor(TIMED / 2)] as number);
}

/** In megabytes. */
function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1000);
}
