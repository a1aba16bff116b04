// GoogLeNet (Inception v1) as published: 5 x 5 convolutions in the third branch (torchvision's variant has 3 x 3
// there), without the two auxiliary classifiers, which exist only in training.

import type { Draft } from "../build.ts";
import {
  concat,
  conv,
  draftNetwork,
  finishNetwork,
  flatten,
  globalAveragePool,
  input,
  linear,
  pointwise,
  pool,
} from "../build.ts";
import type { Network } from "../layer.ts";
import type { Shape } from "../shapes.ts";

/** Widths of 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5 and pool projection (table 1 of the paper). */
type Widths = readonly [number, number, number, number, number, number];

const MODULES: readonly (readonly [string, Widths])[] = [
  ["3a", [64, 96, 128, 16, 32, 32]],
  ["3b", [128, 128, 192, 32, 96, 64]],
  ["4a", [192, 96, 208, 16, 48, 64]],
  ["4b", [160, 112, 224, 24, 64, 64]],
  ["4c", [128, 128, 256, 24, 64, 64]],
  ["4d", [112, 144, 288, 32, 64, 64]],
  ["4e", [256, 160, 320, 32, 128, 128]],
  ["5a", [256, 160, 320, 32, 128, 128]],
  ["5b", [384, 192, 384, 48, 128, 128]],
];

/** Modules after which the image is halved. */
const HALVED_AFTER = new Set(["3b", "4e"]);

export function googlenet(batch: number): Network {
  const draft = draftNetwork("googlenet", "Szegedy et al., CVPR 2015 (arXiv:1409.4842), table 1");
  const halve = (name: string, from: Shape): Shape =>
    pool(draft, name, "maxpool", from, { kernel: 3, stride: 2, ceil: true });
  let flow = input(draft, "input", [batch, 3, 224, 224]);
  flow = convRelu(draft, "conv1", flow, 64, 7, 2);
  flow = halve("pool1", flow);
  flow = convRelu(draft, "conv2_reduce", flow, 64, 1);
  flow = convRelu(draft, "conv2", flow, 192, 3);
  flow = halve("pool2", flow);
  for (const [name, widths] of MODULES) {
    flow = inception(draft, `inception${name}`, flow, widths);
    if (HALVED_AFTER.has(name)) flow = halve(`pool${name.charAt(0)}`, flow);
  }
  flow = globalAveragePool(draft, "avgpool", flow);
  linear(draft, "fc", flatten(draft, "flatten", flow), 1000);
  return finishNetwork(draft);
}

function inception(draft: Draft, name: string, from: Shape, widths: Widths): Shape {
  const [one, threeReduce, three, fiveReduce, five, projection] = widths;
  const first = convRelu(draft, `${name}.1x1`, from, one, 1);
  const second = convRelu(draft, `${name}.3x3`, convRelu(draft, `${name}.3x3_reduce`, from, threeReduce, 1), three, 3);
  const third = convRelu(draft, `${name}.5x5`, convRelu(draft, `${name}.5x5_reduce`, from, fiveReduce, 1), five, 5);
  const pooled = pool(draft, `${name}.pool`, "maxpool", from, { kernel: 3, stride: 1, padding: 1 });
  const fourth = convRelu(draft, `${name}.pool_proj`, pooled, projection, 1);
  return concat(draft, `${name}.concat`, [first, second, third, fourth]);
}

/** Convolution that keeps the image at stride 1 (padding of half the kernel), and its ReLU. */
function convRelu(draft: Draft, name: string, from: Shape, channels: number, kernel: number, stride = 1): Shape {
  const flow = conv(draft, name, from, { channels, kernel, stride, padding: (kernel - 1) / 2 });
  return pointwise(draft, `${name}.relu`, "relu", flow);
}
