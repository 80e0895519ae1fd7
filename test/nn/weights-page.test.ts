// docs/weights.md is what this makes of the catalogue: `npx vitest run --project node test/nn/weights-page.test.ts -u` writes it anew.

import { expect, test } from "vitest";
import { architectureOf, defaultWeights, type PublishedWeights, publishedWeights } from "../../src/index.ts";
import { imageNetInput } from "../../src/nn/imagenet.ts";

const BEFORE = `# Pretrained weights

A better pretrained network is one word: \`thaw train photos --arch resnet34\`. Its weights are downloaded at first use from the
[Hugging Face hub](https://huggingface.co) and kept; \`thaw models\` lists them, and \`thaw models resnet34 convnext_tiny --measure\` says how fast
they are on your machine.

\`\`\`sh
thaw train photos --arch resnet34                                  # the network's first row below
thaw train photos --arch resnet34.a1_in1k                          # another row
thaw train photos --arch resnet34 --weights resnet34.safetensors   # a file of your own, or the folder that holds it
thaw train photos --arch resnet34 --weights hf:timm/resnet34.bt_in1k/model.safetensors@main   # any file of the hub
\`\`\`

In a program the same: \`ConvLearner.pretrained(resnet34, data)\`, or with \`{ weights: … }\`. Files are
[safetensors](https://github.com/huggingface/safetensors) with torchvision's or [timm](https://github.com/huggingface/pytorch-image-models)'s
parameter names; which of them a file has shows in the file. A pickle of PyTorch's (\`.pth\`, \`.bin\`) is a program, so thaw refuses it and says
how to convert it.

## The catalogue

The first row of a network is the one that is used where only the network is named. **top-1** is the published accuracy on ImageNet's validation
images in percent, measured at **size** with **crop**, the side of the centre crop as a part of the scaled image, and scaled by **interpolation**.
Numbers, licences and preprocessing of timm's rows are timm 1.0.31's own (\`test/reference/make_published.py\`), top-1 its \`results-imagenet.csv\`;
"–" is a number that nobody has published. Of SqueezeNet torchvision's documentation is the source.

`;

const AFTER = `
- Files of timm's rows are \`timm/<weights>/model.safetensors\` at revision \`main\`, in timm's names. For each network, tensors of random values in
  timm's names and shapes were loaded and gave timm's logits to 1e-4 (\`test/nn/timm-files.test.ts\`). timm's MobileNetV3 has another ε in its batch
  norm than torchvision's; the running variances are moved by the difference, which gives the same outputs.
- No hash could be verified when this table was made, so all rows but thaw's own are **unpinned**: see below.
- What training sees: thaw normalises by the row's mean and deviation, and scales bilinearly, with antialias, to the size you train at, whatever
  the row's interpolation is. Its validation crop is the centre at the full short side, as fastai's.
- Licences are of the weights. ImageNet's photographs are for research and teaching; whether these terms reach weights that learnt from them is not
  settled.

## Download

- **Resume**: what has come is kept when the connection is cut, the machine stops, or you press Ctrl-C; the next run goes on from there. A
  connection that brings nothing for 30 seconds is made again, and so is a request that the hub answers with "too many" (429, after the
  pause it asks for, up to a minute) or an error of its own: five times in a row.
- **Cache**: the one that Hugging Face's Python library uses, in its layout, so what Python has downloaded is used and the other way round. Two
  processes can download the same file at once: each writes a partial file of its own, and whole files are moved into place.
- **Without a network**: \`--offline\`, or \`HF_HUB_OFFLINE=1\`. Only the cache, files and folders are used.

| variable | what it sets | default |
| --- | --- | --- |
| \`HF_ENDPOINT\` | a mirror | \`https://huggingface.co\` |
| \`HF_TOKEN\`, or a file at \`HF_TOKEN_PATH\` | who asks: for private and gated repositories, and higher limits | \`$HF_HOME/token\`, which \`hf auth login\` writes |
| \`HF_HUB_CACHE\` | the cache | \`$HF_HOME/hub\` |
| \`HF_HOME\` | the folder of cache and token | \`~/.cache/huggingface\` |
| \`HF_HUB_OFFLINE\` | 1 downloads nothing | |

The token is sent to the endpoint alone, never to where it redirects, and is not printed.

## What is trusted

A safetensors file is numbers and names, nothing that runs; a damaged or dishonest one is refused. But weights can be made to misbehave, so it
matters that they are the ones you think. At every use, from the cache too, the file's SHA-256 is compared with

1. the catalogue's, where a row is pinned;
2. what the hub says about the file, at the download, and the name that the cache gives it afterwards;
3. otherwise the hash of the **first download**, which is written down in \`$HF_HOME/thaw\`. From then on another content is refused, from whatever
   mirror it comes and also after the cache was emptied. Where a repository was changed and you know why, delete the record that the message
   names.

Trust on first use does not help if the first download was already false; a row's hash, once verified, goes into the catalogue.
`;

const HEAD = "| weights | network | licence | trained on | size | crop | interpolation | normalisation | features | top-1 | SHA-256 |";

function line(row: PublishedWeights): string {
  const { name, architecture, hub, licence, trainedOn, size, crop, interpolation, mean, top1, sha256 } = row;
  const source = hub ? `[\`${name}\`](https://huggingface.co/${hub.repository})` : `\`${name}\``;
  const cells = [
    defaultWeights(architecture) === row ? `**${source}**` : source,
    `\`${architecture}\``,
    licence,
    trainedOn,
    size,
    crop,
    interpolation,
    mean.join() === imageNetInput.mean.join() ? "ImageNet" : "±1",
    architectureOf(architecture).features,
    top1 === undefined ? "–" : top1.toFixed(3),
    hub ? (sha256 ?? "unpinned") : sha256 ? `\`${sha256.slice(0, 12)}…\`, ships with thaw` : "no safetensors file",
  ];
  return `| ${cells.join(" | ")} |`;
}

test("docs/weights.md lists the catalogue as it is", async () => {
  const rule = HEAD.replace(/[^|]+/g, " --- ");
  const page = `${BEFORE}${[HEAD, rule, ...publishedWeights.map(line)].join("\n")}\n${AFTER}`;
  await expect(page).toMatchFileSnapshot("../../docs/weights.md");
});
