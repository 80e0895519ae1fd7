// One copy of the student in a thread of its own, with its own teacher: gets the tensors to start a round from and the round's batches, makes
// one step for each of them, and answers with its losses and tensors. distill.mjs averages what the copies answer.

import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { adamW } from "../dist/learner/step/optimizer.js";
import { Trainer } from "../dist/learner/step/trainer.js";
import { readSafetensors } from "../dist/nn/safetensors.js";
import { distillation, openTeacher, prepare, stageOf } from "./distillation.mjs";

const { teacherFile, settings, scales } = workerData;
const { size, seed } = settings;
const session = { threads: 1 };
const weights = readSafetensors(await readFile(teacherFile), teacherFile);
const teacher = await openTeacher(weights, size, session);
let [trainer, phase] = [undefined, undefined];

parentPort.on("message", async (round) => {
  try {
    parentPort.postMessage(await work(round));
  } catch (error) {
    parentPort.postMessage({ error: `${error.stack}` });
  }
});

/** `done` are the steps that the copy has made in this phase; `tensors` its parameters and, when there are such steps, its optimiser's state. */
async function work({ name, done, tensors, batches }) {
  if (name !== phase) {
    await trainer?.release();
    trainer = newTrainer(name, tensors, done);
    phase = name;
  } else {
    // The trainer's own buffers, which its next step reads.
    for (const [key, { data }] of own()) data.set(tensors.get(key).data);
  }
  const losses = [];
  for (const { pixels, rate, step } of batches) {
    const targets = await teacher.run(pixels);
    const steering = { lrs: [rate], momentums: [0.9], weightDecays: [settings.weightDecay] };
    const loss = await trainer.step({ input: pixels, targets }, steering, [step]);
    losses.push({ loss, ...trainer.parts });
  }
  return { losses, tensors: own() };
}

function own() {
  return new Map([...trainer.parameters, ...trainer.state.tensors]);
}

function newTrainer(name, tensors, done) {
  return new Trainer({
    stages: [stageOf(name, size, settings[name].lossWeights)],
    prepare,
    inputType: "uint8",
    itemShape: [size, size, 3],
    classes: 0,
    objective: distillation(weights, scales, size, name, settings[name].lossWeights),
    parameters: new Map([...tensors].filter(([key]) => /\.(weight|bias|running_mean|running_var)$/.test(key))),
    trainable: () => true,
    bnFreeze: false,
    optimizer: adamW({ beta2: 0.99, epsilon: 1e-8 }),
    clip: settings.clip,
    session,
    seed,
    resume: done > 0 ? { steps: done, tensors } : undefined,
  });
}
