// What a run has to know before it is planned: its networks and its photographs. The photographs are listed first, so that nothing is downloaded
// for a folder that cannot be used, and decoded last, so that the pixels that the networks see are kept meanwhile.

import type { WorkOptions } from "../../core/progress.ts";
import type { ImageDataset, ListedDataset } from "../../data/dataset/dataset.ts";
import type { KeptPixels } from "../../data/dataset/kept-pixels.ts";
import type { DefaultNetwork } from "../../nn/default-network/default-network.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import type { TrainOptions } from "../options.ts";
import type { PixelKeeper } from "../places.ts";
import { namesNetwork } from "../plan/networks.ts";
import { planStages } from "../plan/plan-stages.ts";
import { factsOf } from "./dataset-facts.ts";
import { networkShown } from "./open-networks.ts";
import { sizesOf } from "./recipe-for.ts";
import { type Networks, tfmsFor } from "./stage-learner.ts";

/** What is called with the photographs when they are listed, before any is decoded: gives where to keep their pixels. */
export type OnListed = (listed: ListedDataset) => Promise<KeptPixels | undefined>;

/** Where networks and photographs come from. */
export interface Sources {
  /** Threads that the machine can run at once. */
  readonly cores: number;
  /** Absent if no pixels are kept. */
  readonly pixels?: PixelKeeper | undefined;
  /** The network for photographs if none is named. */
  chooseNetwork(photographs: ListedDataset, work: WorkOptions): Promise<DefaultNetwork>;
  openNetworks(given: TrainOptions, file: Recipe | undefined, work: WorkOptions): Promise<Networks>;
  readPhotographs(seed: number, work: WorkOptions & { onListed: OnListed }): Promise<ImageDataset>;
}

export interface Gathered {
  readonly data: ImageDataset;
  readonly networks: Networks;
  /** The network that was chosen because none was named. */
  readonly chosen: DefaultNetwork | undefined;
  /** The options, with the network. */
  readonly given: TrainOptions;
}

/** Lists the photographs, opens the networks and reads the photographs. Throws a UsageError for what the user can fix, as far as possible before any image is decoded. */
export async function gather(
  options: TrainOptions,
  file: Recipe | undefined,
  seed: number,
  { cores, pixels, chooseNetwork, openNetworks, readPhotographs }: Sources,
  work: WorkOptions,
): Promise<Gathered> {
  let [given, chosen] = [options, undefined as DefaultNetwork | undefined];
  let networks: Networks = new Map();
  const onListed: OnListed = async (listed) => {
    if (!namesNetwork(options) && !file) chosen = await chooseNetwork(listed, work);
    given = { ...options, ...(chosen ? { arch: chosen.weights } : await networkShown(options, file, work)) };
    networks = await openNetworks(given, file, work);
    const [first] = planStages(given, file, factsOf(listed, cores), sizesOf(networks)).stages;
    await pixels?.begin(tfmsFor(first as StagePlan, networks).valid);
    return pixels;
  };
  const data = await readPhotographs(seed, { ...work, onListed });
  return { data, networks, chosen, given };
}
