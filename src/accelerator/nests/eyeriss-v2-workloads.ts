// The networks of the published figures of Eyeriss v2, dense and pruned, by the non-zeros of their layers.

import type { ComputeLayer } from "../../workload/layer.ts";
import type { Subject } from "../claim.ts";

type Densities = NonNullable<Subject["densities"]>;
type Density = ComputeLayer["density"];

/**
 * Multiplications of MobileNet's layers, and those of two non-zeros in the pruned network (stated: the masks of
 * Accelergy-Project/micro22-sparseloop-artifact), with the densities of weights and inputs where they are stated too.
 */
export const mobilenetLayers: readonly (readonly [
  layer: string,
  all: number,
  effectual: number,
  weights?: number,
  inputs?: number,
])[] = [
  ["conv1", 1769472, 1769472],
  ["depthwise1", 589824, 544768],
  ["pointwise1", 2097152, 461302],
  ["depthwise2", 294912, 278528],
  ["pointwise2", 2097152, 873643],
  ["depthwise3", 589824, 513024],
  ["pointwise3", 4194304, 1702140, 0.52, 0.728],
  ["depthwise4", 147456, 145920],
  ["pointwise4", 2097152, 1499682, 0.818, 0.864],
  ["depthwise5", 294912, 270848],
  ["pointwise5", 4194304, 2491491],
  ["depthwise6", 73728, 73728],
  ["pointwise6", 2097152, 1144158, 0.644, 0.833],
  ["depthwise7", 147456, 147456],
  ["pointwise7", 4194304, 2238663],
  ["depthwise8", 147456, 147456],
  ["pointwise8", 4194304, 2173758],
  ["depthwise9", 147456, 124096],
  ["pointwise9", 4194304, 1457458, 0.55, 0.608],
  ["depthwise10", 147456, 147456],
  ["pointwise10", 4194304, 1677684, 0.6, 0.641],
  ["depthwise11", 147456, 147456],
  ["pointwise11", 4194304, 1821557, 0.699, 0.608],
  ["depthwise12", 36864, 36864],
  ["pointwise12", 2097152, 948572, 0.649, 0.677],
  ["depthwise13", 73728, 73728],
  ["pointwise13", 4194304, 775316, 0.3, 0.583],
  ["fc", 512000, 95443],
];

/** Where only the product of the two densities is known, each of them is taken as its root (derived). */
const mobilenetDensity = ([, all, effectual, weights, inputs]: (typeof mobilenetLayers)[number]): Density => {
  const even = Math.sqrt(effectual / all);
  return { A: weights ?? even, B: inputs ?? even };
};

/**
 * AlexNet: inputs as Sparseloop counts them (stated) with those of the fully connected layers as in Han et al., ISCA 2016
 * (recalled); weights of the pruned network as Sparseloop counts them (stated) and Han et al. prune the last three
 * (recalled).
 */
const alexnetLayers: readonly (readonly [layer: string, weights: number, inputs: number])[] = [
  ["conv1", 0.71, 0.999],
  ["conv2", 0.385, 0.6],
  ["conv3", 0.346, 0.275],
  ["conv4", 0.372, 0.207],
  ["conv5", 0.369, 0.23],
  ["fc6", 0.09, 0.351],
  ["fc7", 0.09, 0.353],
  ["fc8", 0.25, 0.375],
];

const dense = (densities: Densities): Densities =>
  Object.fromEntries(Object.entries(densities).map(([layer, { B }]) => [layer, { A: 1, B }]));

const prunedMobilenet: Densities = Object.fromEntries(
  mobilenetLayers.map((layer) => [layer[0], mobilenetDensity(layer)]),
);

const prunedAlexnet: Densities = Object.fromEntries(alexnetLayers.map(([layer, A, B]) => [layer, { A, B }]));

/**
 * As for the chip, off-chip time is not counted (the authors discuss it apart), and a fifth of the usual search, so that
 * all claims take a minute.
 */
const subject = (network: string, densities: Densities): Subject => ({
  network,
  layers: "all",
  set: { bandwidth: Infinity, search: 4000 },
  densities,
});

/** At batch 1; inputs have the zeros that the activation leaves, pruned or not. */
export const eyerissV2Subjects = {
  AlexNet: subject("alexnet-caffe", dense(prunedAlexnet)),
  "sparse AlexNet": subject("alexnet-caffe", prunedAlexnet),
  MobileNet: subject("mobilenet-v1-0.5-128", dense(prunedMobilenet)),
  "sparse MobileNet": subject("mobilenet-v1-0.5-128", prunedMobilenet),
} as const;
