// The networks that come with the package, by name. A network is a table of widths that becomes layers only when it
// is asked for, so that loading the registry costs nothing worth measuring.

import { InputError } from "../base/error.ts";
import { denseMacs } from "./effectual.ts";
import type { Network } from "./layer.ts";
import { alexnet, alexnetCaffe } from "./network/alexnet.ts";
import { convnextTiny } from "./network/convnext.ts";
import { flexagonNetworks } from "./network/flexagon.ts";
import { googlenet } from "./network/googlenet.ts";
import { inceptionV3 } from "./network/inception-v3.ts";
import { mobilenetV1, mobilenetV1Half128, mobilenetV2 } from "./network/mobilenet.ts";
import { resnet101, resnet18, resnet34, resnet50 } from "./network/resnet.ts";
import { squeezenet10 } from "./network/squeezenet.ts";
import { bertBase128, bertBase384, deitBase, deitSmall, deitTiny } from "./network/transformer.ts";
import { vgg16, vgg19 } from "./network/vgg.ts";
import { requireDimension } from "./shapes.ts";

interface Entry {
  readonly title: string;
  /** Other words for it; case, dashes, underscores, dots and blanks never matter. */
  readonly aliases: readonly string[];
  readonly build: (batch: number) => Network;
}

const NETWORKS: Readonly<Record<string, Entry>> = {
  alexnet: { title: "AlexNet, torchvision widths", aliases: ["alexnet-torchvision"], build: alexnet },
  "alexnet-caffe": { title: "AlexNet, two towers, Caffe", aliases: ["bvlc-alexnet", "caffenet"], build: alexnetCaffe },
  vgg16: { title: "VGG-16", aliases: [], build: vgg16 },
  vgg19: { title: "VGG-19", aliases: [], build: vgg19 },
  resnet18: { title: "ResNet-18", aliases: [], build: resnet18 },
  resnet34: { title: "ResNet-34", aliases: [], build: resnet34 },
  resnet50: { title: "ResNet-50 v1.5", aliases: ["resnet50-v1.5"], build: resnet50 },
  resnet101: { title: "ResNet-101 v1.5", aliases: ["resnet101-v1.5"], build: resnet101 },
  googlenet: { title: "GoogLeNet (Inception v1)", aliases: ["inception-v1"], build: googlenet },
  "inception-v3": { title: "Inception v3", aliases: [], build: inceptionV3 },
  "mobilenet-v1": { title: "MobileNet v1, width 1", aliases: ["mobilenet"], build: mobilenetV1 },
  "mobilenet-v1-0.5-128": {
    title: "MobileNet v1, width 0.5, 128 x 128",
    aliases: ["mobilenet-0.5-128"],
    build: mobilenetV1Half128,
  },
  "mobilenet-v2": { title: "MobileNet v2, width 1", aliases: [], build: mobilenetV2 },
  "squeezenet1.0": { title: "SqueezeNet 1.0", aliases: ["squeezenet"], build: squeezenet10 },
  "convnext-tiny": { title: "ConvNeXt-Tiny", aliases: ["convnext", "convnext-t"], build: convnextTiny },
  "bert-base-128": { title: "BERT-base encoder, sequence of 128", aliases: ["bert", "bert-base"], build: bertBase128 },
  "bert-base-384": { title: "BERT-base encoder, sequence of 384", aliases: [], build: bertBase384 },
  "deit-tiny": { title: "DeiT-Tiny, 224 x 224", aliases: ["deit-t", "deit-ti"], build: deitTiny },
  "deit-small": { title: "DeiT-Small, 224 x 224", aliases: ["deit-s"], build: deitSmall },
  "deit-base": { title: "DeiT-Base, 224 x 224", aliases: ["deit-b", "deit"], build: deitBase },
  ...flexagonNetworks,
};

/** Names of the built-in networks, in the order in which lists show them. */
export function networkNames(): readonly string[] {
  return Object.keys(NETWORKS);
}

export interface NetworkDescription {
  readonly name: string;
  readonly title: string;
  /** Builds the network at batch 1 to say where it comes from, its compute layers and its dense MACs. */
  readonly summarise: () => { readonly source: string; readonly computeLayers: number; readonly macs: number };
}

/** One description a network; nothing is built before `summarise` is called. */
export function describeNetworks(): readonly NetworkDescription[] {
  return Object.entries(NETWORKS).map(([name, { title, build }]) => ({
    name,
    title,
    summarise: () => {
      const network = build(1);
      return { source: network.source, ...networkTotals(network) };
    },
  }));
}

/** Compute layers and dense MACs of any network. */
export function networkTotals(network: Network): { readonly computeLayers: number; readonly macs: number } {
  let computeLayers = 0;
  let total = 0;
  for (const layer of network.layers) {
    if (layer.kind !== "compute") continue;
    computeLayers++;
    total += denseMacs(layer);
  }
  return { computeLayers, macs: total };
}

/** The registered name that `name` is a spelling of, or undefined: `ResNet-50`, `mobilenet_v1`, `squeezenet1_0` ... */
export function findNetworkName(name: string): string | undefined {
  const wanted = spelling(name);
  for (const [known, { aliases }] of Object.entries(NETWORKS)) {
    if (spelling(known) === wanted || aliases.some((alias) => spelling(alias) === wanted)) return known;
  }
  return undefined;
}

/**
 * The built-in network of this name or alias at a batch size (default 1). Throws InputError with the nearest name
 * for an unknown one, and for a batch that is no positive integer, or other than 1 for recorded products.
 */
export function builtinNetwork(name: string, options: { readonly batch?: number } = {}): Network {
  const entry = NETWORKS[findNetworkName(name) ?? ""];
  if (entry === undefined) {
    throw new InputError({
      message: "unknown network",
      found: name,
      expected: `one of ${networkNames().join(", ")}`,
      known: networkNames(),
    });
  }
  return entry.build(requireDimension(options.batch ?? 1, "batch"));
}

function spelling(name: string): string {
  return name.toLowerCase().replace(/[-_. ]/g, "");
}
