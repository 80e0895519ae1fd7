// MobileNetV2 for TensorFlow.js, batch norm folded, activations fused, with random weights.

/** [expansion, channels, blocks, stride] of each stage (Sandler et al. 2018, table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** The function from pictures [batch, height, width, 3] to activations [batch, height / 32, width / 32, 1280]. */
export function mobileNetV2(tf) {
  const weights = (shape) => tf.randomNormal(shape, 0, 0.05);
  const convolution = (input, output, kernel, strides, activation) => {
    const [filter, bias] = [weights([kernel, kernel, input, output]), weights([output])];
    return (x) => tf.fused.conv2d({ x, filter, strides, pad: "same", bias, activation });
  };
  const depthwise = (channels, strides) => {
    const [filter, bias] = [weights([3, 3, channels, 1]), weights([channels])];
    return (x) => tf.fused.depthwiseConv2d({ x, filter, strides, pad: "same", bias, activation: "relu6" });
  };
  const block = (input, output, expansion, strides) => {
    const wide = input * expansion;
    const layers = [depthwise(wide, strides), convolution(wide, output, 1, 1, "linear")];
    if (expansion > 1) layers.unshift(convolution(input, wide, 1, 1, "relu6"));
    const through = (x) => layers.reduce((value, layer) => layer(value), x);
    return strides === 1 && input === output ? (x) => tf.add(x, through(x)) : through;
  };
  const layers = [convolution(3, 32, 3, 2, "relu6")];
  let channels = 32;
  for (const [expansion, output, blocks, strides] of STAGES)
    for (let i = 0; i < blocks; i++) {
      layers.push(block(channels, output, expansion, i === 0 ? strides : 1));
      channels = output;
    }
  layers.push(convolution(channels, 1280, 1, 1, "relu6"));
  return (x) => layers.reduce((value, layer) => layer(value), x);
}
