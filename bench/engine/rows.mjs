// The rows of the table: the work of each, the settings of PyTorch that are tried, and what is asked of thaw.

const layouts = ["eager", "channels-last"];
const constant = ["traced+channels-last", "compile+channels-last"];
const forward = [...layouts, ...constant];
const anyPrecision = [...constant, "bf16+channels-last", "bf16+compile+channels-last", "int8+channels-last", "pt2e+channels-last"];
const train = [...layouts, "compile+channels-last"];
const autocast = ["autocast+channels-last", "autocast+compile+channels-last"];

/**
 * `floor` and `target` are ratios rival / thaw of time: above 1 thaw is faster. `steps` is the work of one
 * round.
 */
export const rows = [
  {
    name: "forward-resnet34",
    what: "frozen forward, ResNet-34, fp32, batch 32",
    task: { kind: "forward", network: "resnet34", batch: 32, size: 224, steps: 1 },
    settings: forward,
    floor: 1,
    target: 1.1,
  },
  {
    name: "forward-mobilenet",
    what: "frozen forward, MobileNetV2, fp32, batch 32",
    task: { kind: "forward", network: "mobilenet_v2", batch: 32, size: 224, steps: 4 },
    settings: forward,
    floor: 1,
    target: 1.1,
  },
  {
    name: "forward-thaw-small",
    what: "frozen forward, thaw_small at 128, fp32, batch 32",
    task: { kind: "forward", network: "thaw_small", batch: 32, size: 128, steps: 8 },
    settings: ["channels-last", ...constant],
    target: 1,
  },
  {
    name: "forward-efficientnet",
    what: "frozen forward, EfficientNet-B0, fp32, batch 32",
    task: { kind: "forward", network: "efficientnet_b0", batch: 32, size: 224, steps: 2 },
    settings: ["channels-last", ...constant],
    target: 1,
  },
  {
    name: "forward-convnext",
    what: "frozen forward, ConvNeXt-tiny, fp32, batch 16",
    task: { kind: "forward", network: "convnext_tiny", batch: 16, size: 224, steps: 1 },
    settings: ["eager", "channels-last", ...constant],
    target: 1,
  },
  {
    name: "forward-vit",
    what: "frozen forward, ViT-small, fp32, batch 16",
    task: { kind: "forward", network: "vit_small_patch16_224", batch: 16, size: 224, steps: 1 },
    settings: ["eager", "traced", "compile"],
    target: 1,
  },
  {
    name: "int8-resnet34",
    what: "frozen forward, ResNet-34, thaw in 8 bit, PyTorch in any precision, batch 32",
    task: { kind: "forward", network: "resnet34", batch: 32, size: 224, steps: 1, precision: "int8" },
    settings: anyPrecision,
    floor: 0.8,
    target: 1,
  },
  {
    name: "int8-mobilenet",
    what: "frozen forward, MobileNetV2, thaw in 8 bit, PyTorch in any precision, batch 32",
    task: { kind: "forward", network: "mobilenet_v2", batch: 32, size: 224, steps: 4, precision: "int8" },
    settings: anyPrecision,
    floor: 0.8,
    target: 1,
  },
  {
    name: "train-resnet34",
    what: "training step of all layers, ResNet-34, fp32, batch 16",
    task: { kind: "train", network: "resnet34", batch: 16, size: 224, steps: 1 },
    settings: train,
    floor: 0.9,
    target: 1,
  },
  {
    name: "train-mobilenet",
    what: "training step of all layers, MobileNetV2, fp32, batch 16",
    task: { kind: "train", network: "mobilenet_v2", batch: 16, size: 224, steps: 1 },
    settings: train,
    floor: 0.9,
    target: 1,
  },
  {
    name: "train-resnet34-bf16",
    what: "the same step of ResNet-34, thaw in fp32, PyTorch in bfloat16 (autocast)",
    task: { kind: "train", network: "resnet34", batch: 16, size: 224, steps: 1 },
    settings: autocast,
  },
  {
    name: "train-mobilenet-bf16",
    what: "the same step of MobileNetV2, thaw in fp32, PyTorch in bfloat16 (autocast)",
    task: { kind: "train", network: "mobilenet_v2", batch: 16, size: 224, steps: 1 },
    settings: autocast,
  },
  {
    name: "head",
    what: "an epoch of the head 1024→512→2 on 2,000 cached rows, fp32, batch 64",
    task: { kind: "head", features: 1024, hidden: 512, classes: 2, rows: 2000, batch: 64, steps: 5 },
    settings: ["eager", "compile"],
    floor: 1.2,
    target: 1.5,
  },
  {
    name: "tfjs-mobilenet",
    what: "frozen forward, MobileNetV2, fp32, batch 8, beside TensorFlow.js",
    task: { kind: "forward", network: "mobilenet_v2", batch: 8, size: 224, steps: 1 },
    rival: "tfjs",
    settings: ["wasm"],
  },
];

/** Commands that start, do one thing and end: medians of their wall time in seconds. */
export const starts = [
  { name: "help", what: "`thaw --help`, cold", floor: 0.3, target: 0.15 },
  { name: "predict", what: "first prediction of a saved model (MobileNetV2, one photograph), cold", floor: 1, target: 0.6 },
];
