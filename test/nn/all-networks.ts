// The networks under test: one of each family, or with ALL_NETWORKS=1 every one, which takes minutes and gigabytes.

import { type Architecture, architectures } from "../../src/index.ts";

/** Whether the tests that take minutes run. */
export const everyNetwork = process.env.ALL_NETWORKS === "1";

/** The smallest of each family: networks with shortcuts, branches, dense blocks, gates, and attention. */
const REPRESENTATIVES: ReadonlySet<string> = new Set([
  "thaw_small",
  "resnet18",
  "resnext50_32x4d",
  "vgg16_bn",
  "densenet121",
  "inception_v4",
  "inception_resnet_v2",
  "nasnetalarge",
  "squeezenet1_1",
  "mobilenet_v2",
  "mobilenet_v3_large",
  "mobilenetv4_conv_small",
  "mobilenetv4_hybrid_medium",
  "efficientnet_b0",
  "tf_efficientnet_lite0",
  "hgnetv2_b0",
  "convnext_tiny",
  "levit_256",
  "tiny_vit_21m_224",
  "vit_small_patch16_224",
  "vit_small_patch14_dinov2",
]);

/** Every network, and whether a test of it is skipped here. */
export const networks: readonly { readonly name: string; readonly architecture: Architecture; readonly skipped: boolean }[] =
  architectures.map((architecture) => ({
    name: architecture.name,
    architecture,
    skipped: !everyNetwork && !REPRESENTATIVES.has(architecture.name),
  }));
