// The rows of the table: what is measured on a graphics processor, and the settings of PyTorch beside which it is.

const [features, training] = ["frozen forward", "training step of all layers"];

/** In the order in which they are tried: what is compiled takes longest to start. Those with "tf32" round products to 10 bits. */
export const settings = ["channels-last", "eager", "tf32+channels-last", "compile+channels-last", "tf32+compile+channels-last"];

/** The least ratio of PyTorch's time in its fastest float32 setting to thaw's that is asked. */
export const GOAL = 0.5;

/** `steps` is the work of one round. */
export const rows = [
  row("forward-thaw-small", features, "thaw_small", { batch: 32, size: 128, steps: 20 }),
  row("train-thaw-small", training, "thaw_small", { batch: 16, size: 128, steps: 10 }),
  row("forward-mobilenet", features, "mobilenet_v2", { batch: 32, size: 224, steps: 20 }),
  row("train-mobilenet", training, "mobilenet_v2", { batch: 16, size: 224, steps: 10 }),
  row("forward-resnet34", features, "resnet34", { batch: 32, size: 224, steps: 20 }),
  row("train-resnet34", training, "resnet34", { batch: 16, size: 224, steps: 10 }),
];

function row(name, what, network, { batch, size, steps }) {
  const kind = what === training ? "train" : "forward";
  return { name, what: `${what}, ${network} at ${size}, batch ${batch}`, task: { kind, network, batch, size, steps } };
}

/** The row for a trial: on a software driver a training step takes a minute. Of fewer or smaller images rounding errors grow too fast to be checked. */
export function tiny(row) {
  return { ...row, task: { ...row.task, batch: 8, size: 64, steps: 1 } };
}
