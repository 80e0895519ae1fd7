// Training steps for measuring how long they take: with learning rates of zero, they change nothing.

import { type Tensor, zeros } from "../../core/tensor.ts";
import { sgd } from "./optimizer.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";

export interface StillTrainer {
  /** One step, of SGD, on a batch [batch, …] without labels. */
  step(input: Tensor): Promise<void>;
  release(): Promise<void>;
}

/** A trainer of all parameters of a network with `groups` layer groups, whose steps leave them as they are. */
export function stillTrainer(
  options: Pick<TrainerOptions, "stages" | "prepare" | "inputType" | "itemShape" | "classes" | "parameters" | "session">,
  groups: number,
): StillTrainer {
  const trainer = new Trainer({ ...options, trainable: () => true, bnFreeze: false, optimizer: sgd(), seed: 0 });
  const none = Array<number>(groups).fill(0);
  return {
    async step(input) {
      const targets = zeros("float32", [input.shape[0] as number, options.classes]);
      await trainer.step({ input, targets }, { lrs: none, momentums: none, weightDecays: none }, []);
    },
    release: () => trainer.release(),
  };
}
