// `thaw features`: computes activations, or a share of them, into a cache for `thaw train`.

import { isFromSystem } from "../../core/system-error.ts";
import { parseShard } from "../../shards/shard.ts";
import { printError } from "../shared/error.ts";
import { TRY_AGAIN } from "../shared/interrupt.ts";
import { partNames } from "../shared/photographs/parts.ts";
import { printable } from "../shared/printable.ts";
import { count } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { type FeatureChoices, trainCommand } from "./lines.ts";

export interface FeaturesFlags extends FeatureChoices {
  shard?: string;
  threads?: number;
  offline?: boolean;
  json?: boolean;
}

/** Computes the share of the photographs in `folder` that `flags` name; returns the exit code. */
export async function featuresCommand(folder: string, flags: FeaturesFlags): Promise<number> {
  const { out, shard, json = false, train: _, valid: __, test: ___, ...choices } = flags;
  const share = parseShard(shard ?? "1/1", process.env);
  const parts = partNames(flags);
  try {
    return await runWork(["Stopping; what is finished is kept. Run the same command again to continue."], async (work) => {
      const { storeFeatures } = await import("../../recipe/store-features.ts");
      const { images, width } = await storeFeatures({ ...work, ...choices, folder, parts, cache: out, share });
      const [trained, validated] = images;
      if (json) return { json: [{ event: "done", out, ...share, train: trained, valid: validated, width }], exitCode: 0 };
      const done = share.shards === 1 ? "Features" : `Share ${share.shard} of ${share.shards} of the features`;
      const lines = [
        `${done} of ${count(trained)} training and ${count(validated)} validation images, ${count(width)} numbers each, in ${printable(out)}.`,
        share.shards === 1 ? "Train on them:" : "When all shares are done, train on them:",
        "",
        `  ${trainCommand(folder, flags)}`,
      ];
      return { lines, exitCode: 0 };
    });
  } catch (error) {
    if (!isFromSystem(error)) throw error;
    printError(error);
    return TRY_AGAIN;
  }
}
