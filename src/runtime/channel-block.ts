// The number of channels that this machine's CPU kernels store together (8 or 16), detected from how they lay out an image.

import { type Tensor, zeros } from "../core/tensor.ts";
import { BLOCKED } from "../graph/blocked/kernels.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { encodeModel } from "../graph/model.ts";
import type { Engine } from "./engine.ts";

const CHANNELS = 64;

/** The block size for `lower`; 1 if the engine has no blocked kernels. */
export async function channelBlock(engine: Pick<Engine, "open">): Promise<number> {
  const graph = new GraphBuilder();
  const image = graph.input("image", "float32", [1, CHANNELS, 1, 2]);
  const model = encodeModel(graph.build({ blocks: graph.add("ReorderInput", [image], {}, { domain: BLOCKED }) }));
  const session = await engine.open(model, { device: "cpu", threads: 1 }).catch(() => undefined);
  if (!session) return 1;
  // Two pixels: in memory the first precedes the second once for each channel of the block.
  const marked = zeros("float32", [1, CHANNELS, 1, 2]);
  for (let channel = 0; channel < CHANNELS; channel++) marked.data[2 * channel + 1] = 1;
  const blocks = (await session.run({ image: marked })).blocks as Tensor<"float32">;
  await session.release();
  const block = blocks.data.indexOf(1);
  return block > 0 && CHANNELS % block === 0 ? block : 1;
}
