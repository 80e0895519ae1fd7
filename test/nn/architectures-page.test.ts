// docs/architectures.md is what this makes of the code: `npx vitest run --project node test/nn/architectures-page.test.ts -u` writes it anew.

import { expect, test } from "vitest";
import { sizeOf } from "../../src/core/index.ts";
import { type Architecture, architectures, resnet18 } from "../../src/index.ts";
import { describeParameters, type Stage } from "../../src/nn/index.ts";

const BEFORE = `# Architectures

These are the networks that \`thaw train --arch <name>\` and \`architectureOf(name)\` know.
[Which network?](which-network.md) helps to choose one, and [weights.md](weights.md) lists the
published weights.

Names of networks and parameters are torchvision's if torchvision has the network, and
[timm](https://github.com/huggingface/pytorch-image-models)'s otherwise. \`--weights\` takes a
safetensors file with these names or timm's.

A network's **body** is everything before the pooling. It has two **layer groups**; the head is the
third. \`freezeTo(n)\` trains group n and those after it, and a list of three learning rates has one
for each group. **Features** is the width of the body. The head takes twice as many: the maximum and
the mean of each channel, or for a transformer with a class token that token and the mean of the
others.
**Size** is the side in pixels of the images that the published weights were trained on; other sizes
work, and every network accepts 75 pixels or more. Parameters are in millions, without the head.

`;

const AFTER = `
- \`thaw_small\` is thaw's own; its weights ship with thaw.
- The cuts of ResNet, ResNeXt, Wide ResNet, VGG, DenseNet and Inception are fastai 0.7's. As there,
  a DenseNet's body ends with its last batch norm, without ReLU. Inception-v4's body is complete;
  fastai's lacks the last module.
- EfficientNet, ConvNeXt and TinyViT skip whole blocks at random in training (stochastic depth), as
  torchvision's and timm's do.
- Transformers resample their position embeddings to the size of the image, as in timm. They ignore
  pixels beyond the last whole patch, so choose a multiple of the patch size, which is the number
  after \`patch\` in the name.
- LeViT resamples its attention's biases to the size of the image, and TinyViT fills up its windows with
  zeros. Neither has a class token: their bodies end with a map, of which the head takes maximum and
  mean.
- EfficientNet-Lite is in timm twice: \`efficientnet_lite0\` pads as PyTorch does, the networks with
  \`tf_\` pad as TensorFlow does, for which Google trained their weights.
- NASNet's cut carries two maps, concatenated along their channels.
- Normalisation applies to RGB in units of white: \`ImageNet\` subtracts the means 0.485, 0.456, 0.406
  and divides by 0.229, 0.224, 0.225; \`±1\` maps black to −1 and white to 1.
`;

/** Parameters that training changes, of each group of the body, in millions. */
function millions({ body, size }: Architecture): readonly string[] {
  const count = (stages: readonly Stage[]): number =>
    describeParameters(stages, [1, 3, size, size])
      .filter(({ kind }) => kind !== "mean" && kind !== "variance")
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const first = count(body.filter(({ group }) => group === 0));
  const whole = count(body);
  return [first, whole - first, whole].map((parameters) => (parameters / 1e6).toFixed(1));
}

function row(architecture: Architecture): string {
  const { name, body, features, size, mean } = architecture;
  const [first, second, whole] = millions(architecture);
  const from = body.find(({ group }) => group === 1)?.name;
  const isImageNet = mean.join() === resnet18.mean.join();
  return `| \`${name}\` | \`${from}\` | ${first} + ${second} | ${whole} | ${features} | ${size} | ${isImageNet ? "ImageNet" : "±1"} |`;
}

test("docs/architectures.md says what the code builds", async () => {
  const table = [
    "| network | second group begins with | parameters of the groups | of the body | features | size | normalisation |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...architectures.map(row),
  ];
  await expect(`${BEFORE}${table.join("\n")}\n${AFTER}`).toMatchFileSnapshot("../../docs/architectures.md");
});
