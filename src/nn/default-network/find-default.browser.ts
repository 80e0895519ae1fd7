// In a browser the page's author decides what visitors download: without a name it is the network that ships with thaw.

import { nameOf, shippedNetwork } from "./candidates.ts";
import type { FindDefaultNetwork } from "./default-network.ts";

export const findDefaultNetwork: FindDefaultNetwork = async () => {
  const { weights, accuracy } = shippedNetwork;
  return { network: nameOf(shippedNetwork), weights, accuracy, source: "thaw" };
};
