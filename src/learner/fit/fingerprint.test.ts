import { describe, expect, test } from "vitest";
import { float32 } from "../../core/tensor.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { Cut } from "../frozen/cut.ts";
import type { LearnerOptions } from "../learner-options.ts";
import type { Network } from "../network.ts";
import { History } from "../state/history.ts";
import { Weights } from "../state/weights.ts";
import { adam, adamW, decoupled, rmsProp, sgd } from "../step/optimizer.ts";
import { type FitStart, fitFingerprint, LEARNER_WITHOUT_INFLUENCE, optimizerFingerprint, WITHOUT_INFLUENCE } from "./fingerprint.ts";
import type { FitFlatCosOptions, FitOneCycleOptions, FitOptions } from "./options.ts";
import type { PlannedSegment } from "./plan.ts";

test("optimisers are told apart by all of their constants, and the same have the same name", () => {
  const all = [
    sgd(),
    sgd({ momentum: 0.8 }),
    decoupled(sgd()),
    rmsProp(),
    rmsProp({ alpha: 0.9 }),
    rmsProp({ epsilon: 1e-6 }),
    adam(),
    adam({ beta2: 0.99 }),
    adam({ epsilon: 1e-6 }),
    adam({ beta2: 0.99, epsilon: 1e-5 }),
    adamW({ beta2: 0.99, epsilon: 1e-5 }),
    decoupled(adam()),
  ];
  expect(new Set(all.map(optimizerFingerprint)).size).toBe(all.length);
  expect(optimizerFingerprint({ ...rmsProp(), update: rmsProp({ alpha: 0.9 }).update })).toBe(
    optimizerFingerprint(rmsProp({ alpha: 0.9 })),
  );
});

/** A value other than the default for every option of a fit. */
const fitValues = {
  onProgress: () => {},
  onWarning: () => {},
  signal: new AbortController().signal,
  onEpoch: () => {},
  callbacks: [{}],
  checkpoint: "fit.safetensors",
  checkpointSeconds: 1,
  bestSaveName: "best",
  cycleSaveName: "cycle",
  bs: 2,
  accumulate: 2,
  best: true,
  monitor: "validLoss",
  useSwa: true,
  swaStart: 2,
  swaEvalFreq: 2,
  clip: 1,
  metrics: { two: () => 2 },
  validateSkip: 1,
  mixUp: true,
  cutMix: { alpha: 0.5 },
  useWdSched: true,
  normWds: true,
  wdsSchedMult: () => 1,
  cycleLen: 2,
  cycleMult: 2,
  warmUp: false,
  useClr: { div: 2 },
  useClrBeta: true,
  wds: 0.1,
  stopAfterCycle: () => false,
  div: 2,
  divFinal: 3,
  pctStart: 0.5,
  moms: [0.9, 0.8, 0.9],
} as const satisfies Required<FitOptions & FitOneCycleOptions & FitFlatCosOptions>;

/** The same for a learner. */
const learnerValues = {
  onProgress: () => {},
  onWarning: () => {},
  onPrecision: () => {},
  onDevice: () => {},
  signal: new AbortController().signal,
  device: "wasm",
  threads: 2,
  name: "session",
  cache: "cache",
  offline: true,
  weights: "weights.safetensors",
  seed: 2,
  precompute: true,
  precomputeViews: 2,
  ps: 0.1,
  xtraFc: [],
  xtraCut: 1,
  customHead: ["averagePool"],
  crit: "mse",
  labelSmoothing: 0.1,
  classWeights: [1, 2],
  focal: 2,
  nIn: 1,
  optimizer: adam(),
  clip: 1,
  metrics: { two: () => 2 },
  sampling: "balanced",
  precision: "int8",
} as const satisfies Required<LearnerOptions>;

const network = { architecture: { name: "tiny" }, head: { hidden: [8], ps: [0, 0] }, groups: 3 } as unknown as Network;

function dataOf(tfms: object = {}): ImageClassifierData {
  return { classes: ["a", "b"], train: [], valid: [], tfms } as unknown as ImageClassifierData;
}

function startOf(changes: Partial<FitStart> = {}): FitStart {
  return {
    network,
    data: dataOf(),
    seed: 1,
    options: {},
    scale: { mean: [], std: [] },
    weights: new Weights(new Map([["weight", float32([1, 2])]]), 0.5),
    cut: new Cut(network, {}),
    history: new History(),
    ...changes,
  };
}

const settings = (lr: number) => ({ lrs: [lr], momentums: [0.9], weightDecays: [0] });
const segment: PlannedSegment = {
  groups: 3,
  stepsPerEpoch: 4,
  optimizer: sgd(),
  data: dataOf(),
  bs: 4,
  plan: { phases: [8], settings: () => settings(0.1) },
};
const plain = fitFingerprint(startOf(), [segment], {});

describe("what makes a fit another one", () => {
  test.each(Object.keys(fitValues) as (keyof typeof fitValues)[])("%s of a fit counts, unless it is listed", (name) => {
    const listed = (WITHOUT_INFLUENCE as readonly string[]).includes(name);
    expect(fitFingerprint(startOf(), [segment], { [name]: fitValues[name] }) === plain).toBe(listed);
  });

  test.each(Object.keys(learnerValues) as (keyof typeof learnerValues)[])("%s of a learner counts, unless it is listed", (name) => {
    const listed = (LEARNER_WITHOUT_INFLUENCE as readonly string[]).includes(name);
    expect(fitFingerprint(startOf({ options: { [name]: learnerValues[name] } }), [segment], {}) === plain).toBe(listed);
  });

  test("the learner as it is, and each step that is planned, count; an option of undefined is none", () => {
    const cut = (change: (cut: Cut) => void): Cut => {
      const changed = new Cut(network, {});
      change(changed);
      return changed;
    };
    const history = new History();
    history.add([{ epoch: 1, epochs: 1, trainLoss: 1, validLoss: 1, accuracy: 1, seconds: 1 }], {} as never);
    const starts: readonly Partial<FitStart>[] = [
      { data: dataOf({ size: 32 }) },
      { seed: 2 },
      { scale: { mean: [1], std: [1] } },
      { weights: new Weights(new Map([["weight", float32([1, 3])]]), 0.5) },
      { weights: new Weights(startOf().weights.parameters, 0.4) },
      { cut: cut((changed) => changed.train([1, 2])) },
      { cut: cut((changed) => Object.assign(changed, { precompute: true })) },
      { cut: cut((changed) => Object.assign(changed, { precomputeViews: 1 })) },
      { cut: cut((changed) => Object.assign(changed, { bnFreeze: true })) },
      { history },
    ];
    const segments: readonly Partial<PlannedSegment>[] = [
      { optimizer: adam() },
      { data: dataOf({ size: 32 }) },
      { bs: 2 },
      { plan: { phases: [4, 4], settings: () => settings(0.1) } },
      { plan: { phases: [8], settings: (step) => settings(step === 3 ? 0.2 : 0.1) } },
    ];
    const others = [
      ...starts.map((changes) => fitFingerprint(startOf(changes), [segment], {})),
      ...segments.map((changes) => fitFingerprint(startOf(), [{ ...segment, ...changes }], {})),
      fitFingerprint(startOf(), [segment, segment], {}),
    ];
    expect(new Set([plain, ...others]).size).toBe(1 + others.length);
    expect(fitFingerprint(startOf(), [segment], { clip: undefined } as unknown as FitOptions)).toBe(plain);
  });
});
