// The published weights for thaw's networks, one row each. Facts about timm's files come from timm 1.0.31's configurations, top-1 from its
// results-imagenet.csv of August 2026 (test/reference/make_published.py reads both). Only verified values are listed: only thaw's own row
// has a SHA-256; the other files are pinned by their first download.

import { UsageError } from "../../core/errors.ts";
import { imageNetInput, tensorFlowInput } from "../architectures/imagenet.ts";

/** A file's location on the Hugging Face hub. */
export interface HubFile {
  /** Owner and name, such as "timm/resnet34.tv_in1k". */
  readonly repository: string;
  /** Path in the repository. */
  readonly file: string;
  /** A branch, a tag, or a commit of 40 hex digits. */
  readonly revision: string;
}

/** One published set of weights. */
export interface PublishedWeights {
  /** timm's name, which is also the name on the command line. */
  readonly name: string;
  /** Name of the network. */
  readonly architecture: string;
  /** Undefined if they are not on the hub as safetensors. */
  readonly hub?: HubFile;
  /** Whose parameter names the file uses. */
  readonly names: "thaw" | "torchvision" | "timm";
  /** SHA-256 of the file in lower-case hex, if it was verified. */
  readonly sha256?: string;
  /** SPDX identifier in lower case. */
  readonly licence: string;
  /** The training data, the most recent first. */
  readonly trainedOn: string;
  /** Side in pixels of the images for the top-1 measurement. */
  readonly size: number;
  /** Side of the centre crop as a fraction of the scaled image's short side, in that measurement. */
  readonly crop: number;
  /** How images were scaled for that measurement; thaw scales bilinearly, with antialias. */
  readonly interpolation: "bilinear" | "bicubic";
  /** Per-channel normalisation of RGB in [0, 1]. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Published accuracy on ImageNet's validation images in percent; absent if none is published. */
  readonly top1?: number;
}

type Facts = Partial<PublishedWeights> & Pick<PublishedWeights, "licence">;

const BSD = "bsd-3-clause";
const APACHE = "apache-2.0";
const IMAGENET = "ImageNet-1k";

/** A row for timm's file on the hub, with defaults for common facts. */
function timm(architecture: string, name: string, top1: number | undefined, facts: Facts): PublishedWeights {
  return {
    name,
    architecture,
    hub: { repository: `timm/${name}`, file: "model.safetensors", revision: "main" },
    names: "timm",
    trainedOn: IMAGENET,
    crop: 0.875,
    interpolation: "bicubic",
    ...imageNetInput,
    ...(top1 !== undefined && { top1 }),
    ...facts,
  };
}

/** torchvision's weights of the first recipe, as timm publishes them. */
function torchvision(architecture: string, top1: number, facts: Partial<Facts> = {}): PublishedWeights {
  return timm(architecture, `${architecture}.tv_in1k`, top1, { licence: BSD, interpolation: "bilinear", ...facts });
}

const A1 = { licence: APACHE, crop: 0.95 };
const TENSORFLOW = { licence: APACHE, ...tensorFlowInput };
const RA4 = { licence: APACHE, crop: 0.9, ...tensorFlowInput };
const MIIL: Facts = {
  licence: APACHE,
  trainedOn: `${IMAGENET}, ImageNet-21k`,
  interpolation: "bilinear",
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const SSLD = { licence: APACHE, crop: 0.965, trainedOn: `${IMAGENET}, ImageNet-22k` };
const IN22K = { licence: APACHE, trainedOn: `${IMAGENET}, ImageNet-22k` };
const IN12K = { licence: APACHE, crop: 0.95, trainedOn: `${IMAGENET}, ImageNet-12k` };
const AUGREG = { licence: APACHE, crop: 0.9, ...tensorFlowInput };
const AUGREG21 = { ...AUGREG, trainedOn: `${IMAGENET}, ImageNet-21k` };
const DINO = { licence: APACHE, size: 518, crop: 1, trainedOn: "LVD-142M, without labels" };

/** All published weights. The first row of a network is the default. */
export const publishedWeights: readonly PublishedWeights[] = [
  {
    name: "thaw_small",
    architecture: "thaw_small",
    names: "thaw",
    sha256: "cd7b5a74923243039aeee448712c117f631fd1274adc4253ec08875bad9beba6",
    licence: "mit",
    trainedOn: "photographs named in weights/README.md",
    ...imageNetInput,
    size: 128,
    crop: 1,
    interpolation: "bilinear",
  },
  torchvision("resnet18", 69.752),
  timm("resnet18", "resnet18.a1_in1k", 71.504, A1),
  torchvision("resnet34", 73.298),
  timm("resnet34", "resnet34.a1_in1k", 76.42, A1),
  timm("resnet34", "resnet34.ra4_e3600_r224_in1k", 77.492, RA4),
  torchvision("resnet50", 76.156),
  timm("resnet50", "resnet50.tv2_in1k", 79.434, { licence: BSD, interpolation: "bilinear", size: 176 }),
  timm("resnet50", "resnet50.a1_in1k", 80.382, A1),
  torchvision("resnet101", 77.404),
  timm("resnet101", "resnet101.a1h_in1k", 81.95, A1),
  torchvision("resnet152", 78.33),
  timm("resnet152", "resnet152.a1h_in1k", 82.818, A1),
  torchvision("resnext50_32x4d", 77.632),
  timm("resnext50_32x4d", "resnext50_32x4d.a1h_in1k", 81.14, A1),
  timm("resnext101_32x4d", "resnext101_32x4d.gluon_in1k", 80.336, { licence: APACHE }),
  timm("resnext101_32x4d", "resnext101_32x4d.fb_swsl_ig1b_ft_in1k", 83.268, {
    licence: "cc-by-nc-4.0",
    interpolation: "bilinear",
    trainedOn: `${IMAGENET}, a billion pictures from Instagram`,
  }),
  torchvision("resnext101_64x4d", 82.978),
  timm("resnext101_64x4d", "resnext101_64x4d.c1_in1k", 82.446, A1),
  torchvision("wide_resnet50_2", 78.486),
  timm("wide_resnet50_2", "wide_resnet50_2.racm_in1k", 81.466, { licence: APACHE }),
  torchvision("vgg16_bn", 73.354),
  torchvision("vgg19_bn", 74.23),
  torchvision("densenet121", 74.75, { licence: APACHE, interpolation: "bicubic" }),
  timm("densenet121", "densenet121.ra_in1k", 75.574, { licence: APACHE }),
  torchvision("densenet161", 77.384, { licence: APACHE, interpolation: "bicubic" }),
  torchvision("densenet169", 75.922, { licence: APACHE, interpolation: "bicubic" }),
  torchvision("densenet201", 77.284, { licence: APACHE, interpolation: "bicubic" }),
  timm("inception_v4", "inception_v4.tf_in1k", 80.144, { ...TENSORFLOW, size: 299 }),
  timm("inception_resnet_v2", "inception_resnet_v2.tf_in1k", 80.434, { ...TENSORFLOW, size: 299, crop: 0.8975 }),
  timm("inception_resnet_v2", "inception_resnet_v2.tf_ens_adv_in1k", 79.998, { ...TENSORFLOW, size: 299, crop: 0.8975 }),
  timm("nasnetalarge", "nasnetalarge.tf_in1k", 82.638, { ...TENSORFLOW, size: 331, crop: 0.911 }),
  {
    // Facts from torchvision's documentation; timm does not have this network, and it is published only as a pickle.
    name: "squeezenet1_1.tv_in1k",
    architecture: "squeezenet1_1",
    names: "torchvision",
    licence: BSD,
    trainedOn: IMAGENET,
    ...imageNetInput,
    crop: 0.875,
    interpolation: "bilinear",
    top1: 58.178,
  },
  timm("mobilenet_v2", "mobilenetv2_100.ra_in1k", 72.91, { licence: APACHE }),
  timm("mobilenet_v3_large", "mobilenetv3_large_100.ra_in1k", 75.784, { licence: APACHE }),
  timm("mobilenet_v3_large", "mobilenetv3_large_100.miil_in21k_ft_in1k", 77.92, MIIL),
  timm("mobilenetv4_conv_small", "mobilenetv4_conv_small.e2400_r224_in1k", 73.756, { licence: APACHE }),
  timm("mobilenetv4_hybrid_medium", "mobilenetv4_hybrid_medium.e200_r256_in12k_ft_in1k", 82.36, { ...IN12K, size: 256 }),
  timm("efficientnet_b0", "efficientnet_b0.ra_in1k", 77.698, { licence: APACHE }),
  timm("efficientnet_b0", "efficientnet_b0.ra4_e3600_r224_in1k", 78.568, RA4),
  timm("efficientnet_b1", "efficientnet_b1.ft_in1k", 77.592, { licence: APACHE }),
  timm("efficientnet_b2", "efficientnet_b2.ra_in1k", 79.324, { licence: APACHE, size: 256 }),
  timm("efficientnet_b3", "efficientnet_b3.ra2_in1k", 81.472, { licence: APACHE, size: 288 }),
  timm("efficientnet_lite0", "efficientnet_lite0.ra_in1k", 75.488, { licence: APACHE }),
  timm("tf_efficientnet_lite0", "tf_efficientnet_lite0.in1k", 74.846, TENSORFLOW),
  timm("tf_efficientnet_lite1", "tf_efficientnet_lite1.in1k", 76.674, { ...TENSORFLOW, size: 240, crop: 0.882 }),
  timm("tf_efficientnet_lite2", "tf_efficientnet_lite2.in1k", 77.47, { ...TENSORFLOW, size: 260, crop: 0.89 }),
  timm("hgnetv2_b0", "hgnetv2_b0.ssld_stage2_ft_in1k", 77.362, SSLD),
  timm("hgnetv2_b2", "hgnetv2_b2.ssld_stage2_ft_in1k", 81.564, SSLD),
  timm("hgnetv2_b4", "hgnetv2_b4.ssld_stage2_ft_in1k", 83.7, SSLD),
  timm("convnext_tiny", "convnext_tiny.fb_in1k", 82.066, { licence: APACHE }),
  timm("convnext_tiny", "convnext_tiny.fb_in22k_ft_in1k", 82.9, IN22K),
  timm("convnext_tiny", "convnext_tiny.in12k_ft_in1k", 84.192, IN12K),
  timm("convnext_small", "convnext_small.fb_in1k", 83.144, { licence: APACHE }),
  timm("convnext_small", "convnext_small.fb_in22k_ft_in1k", 84.582, IN22K),
  timm("convnext_small", "convnext_small.in12k_ft_in1k", 85.164, IN12K),
  timm("convnext_base", "convnext_base.fb_in1k", 83.838, { licence: APACHE }),
  timm("convnext_base", "convnext_base.fb_in22k_ft_in1k", 85.814, IN22K),
  timm("levit_256", "levit_256.fb_dist_in1k", 81.506, { licence: APACHE, crop: 0.9 }),
  timm("tiny_vit_21m_224", "tiny_vit_21m_224.dist_in22k_ft_in1k", 85.088, { ...IN22K, crop: 0.95 }),
  timm("vit_small_patch16_224", "vit_small_patch16_224.augreg_in21k_ft_in1k", 81.402, AUGREG21),
  timm("vit_small_patch16_224", "vit_small_patch16_224.augreg_in1k", 78.842, AUGREG),
  timm("vit_base_patch16_224", "vit_base_patch16_224.augreg2_in21k_ft_in1k", 85.108, AUGREG21),
  timm("vit_base_patch16_224", "vit_base_patch16_224.augreg_in1k", 79.154, AUGREG),
  timm("vit_small_patch14_dinov2", "vit_small_patch14_dinov2.lvd142m", undefined, DINO),
  timm("vit_base_patch14_dinov2", "vit_base_patch14_dinov2.lvd142m", undefined, DINO),
];

/** The default row for the network `architecture`. */
export function defaultWeights(architecture: string): PublishedWeights | undefined {
  return publishedWeights.find((row) => row.architecture === architecture);
}

/** The row called `name`; undefined if there is none. Throws a UsageError for weights of another network than `architecture`. */
export function rowCalled(name: string, architecture: string): PublishedWeights | undefined {
  const row = publishedWeights.find((each) => each.name === name);
  if (row && row.architecture !== architecture)
    throw new UsageError(
      `${name} are weights of ${row.architecture}, not of ${architecture}`,
      `Choose ${row.architecture}, or one of ${rowNames(architecture)}.`,
    );
  return row;
}

/** The names of a network's rows, for messages. */
export function rowNames(architecture: string): string {
  return publishedWeights.flatMap((row) => (row.architecture === architecture ? [row.name] : [])).join(", ");
}
