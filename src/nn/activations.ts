// Activations and layer normalisation of newer networks, in operators that every engine has and that ONNX Runtime fuses.

import { float, type Value } from "../graph/types.ts";
import { conv2d, relu, sizeAlong } from "./layers.ts";
import type { Scope } from "./scope.ts";

/** An activation: keeps the shape. */
export type Activation = (scope: Scope, x: Value) => Value;

/** (x + 3) / 6 clipped to [0, 1]: the piecewise linear sigmoid of MobileNetV3 (Howard et al. 2019). */
export function hardSigmoid(scope: Scope, x: Value): Value {
  return scope.graph.add("HardSigmoid", [x], { alpha: float(1 / 6), beta: float(0.5) });
}

/** x · hardSigmoid(x), the activation of MobileNetV3 (Howard et al. 2019). */
export function hardSwish(scope: Scope, x: Value): Value {
  return scope.graph.add("Mul", [x, hardSigmoid(scope, x)]);
}

/** 1 / (1 + e^−x), the logistic function (Verhulst 1845). */
export function sigmoid(scope: Scope, x: Value): Value {
  return scope.graph.add("Sigmoid", [x]);
}

/** x · sigmoid(x), also called swish (Elfwing et al. 2017), the activation of EfficientNet. */
export function silu(scope: Scope, x: Value): Value {
  return scope.graph.add("Mul", [x, sigmoid(scope, x)]);
}

/** x · Φ(x) with the normal distribution's Φ (Hendrycks and Gimpel 2016), exact by the error function instead of approximated by tanh. */
export function gelu(scope: Scope, x: Value): Value {
  const { graph } = scope;
  const erf = graph.add("Erf", [graph.add("Div", [x, graph.scalar(Math.SQRT2)])]);
  return graph.add("Mul", [graph.add("Mul", [x, graph.add("Add", [erf, graph.scalar(1)])]), graph.scalar(0.5)]);
}

/** Layer normalisation over the last axis (Ba et al. 2016); ε is by default 1e-6, as in ConvNeXt and vision transformers. */
export function layerNorm(scope: Scope, name: string, x: Value, epsilon = 1e-6): Value {
  const shape = [sizeAlong(x, x.shape.length - 1)];
  const inputs = [x, scope.parameter(`${name}.weight`, shape, "scale"), scope.parameter(`${name}.bias`, shape, "shift")];
  return scope.graph.add("LayerNormalization", inputs, { axis: -1, epsilon: float(epsilon) }, { name });
}

/** [n, c, h, w] to [n, h, w, c], the layout of layer normalisation and matrix products over channels. */
export function channelsLast(scope: Scope, x: Value): Value {
  return scope.graph.add("Transpose", [x], { perm: [0, 2, 3, 1] });
}

/** [n, h, w, c] to [n, c, h, w]. */
export function channelsFirst(scope: Scope, x: Value): Value {
  return scope.graph.add("Transpose", [x], { perm: [0, 3, 1, 2] });
}

export interface SqueezeOptions {
  /** Channels between the two layers. */
  readonly squeezed: number;
  /** After the first layer; default ReLU. */
  readonly activation?: Activation;
  /** After the second layer, to weights in [0, 1]; default the logistic sigmoid. */
  readonly gate?: Activation;
}

/** Squeeze and excitation (Hu et al. 2017): scales each channel of [n, c, h, w] by two layers applied to the means of all channels. */
export function squeezeExcitation(
  scope: Scope,
  name: string,
  x: Value,
  { squeezed, activation = relu, gate = sigmoid }: SqueezeOptions,
): Value {
  const means = scope.graph.add("GlobalAveragePool", [x]);
  const narrow = activation(scope, conv2d(scope, `${name}.fc1`, means, { channels: squeezed, kernel: 1, bias: true }));
  const weights = gate(scope, conv2d(scope, `${name}.fc2`, narrow, { channels: sizeAlong(x, 1), kernel: 1, bias: true }));
  return scope.graph.add("Mul", [x, weights]);
}
