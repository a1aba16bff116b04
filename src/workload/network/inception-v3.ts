// Inception v3 as torchvision builds it (input 299 x 299), without the auxiliary classifier, which exists only in
// training. Layers carry torchvision's names; batch normalisation is folded into the weights and not listed.

import type { Draft, Pair } from "../build.ts";
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

/** One convolution of a branch: name, channels, kernel, and where they are not 1 and 0 stride and padding. */
type Step = readonly [name: string, channels: number, kernel: Pair, stride?: Pair, padding?: Pair];

const STEM: readonly (Step | "pool")[] = [
  ["Conv2d_1a_3x3", 32, 3, 2],
  ["Conv2d_2a_3x3", 32, 3],
  ["Conv2d_2b_3x3", 64, 3, 1, 1],
  "pool",
  ["Conv2d_3b_1x1", 80, 1],
  ["Conv2d_4a_3x3", 192, 3],
  "pool",
];

export function inceptionV3(batch: number): Network {
  const draft = draftNetwork("inception-v3", "Szegedy et al., CVPR 2016 (arXiv:1512.00567), widths as in torchvision");
  let flow = input(draft, "input", [batch, 3, 299, 299]);
  let pools = 0;
  for (const step of STEM) {
    flow = step === "pool" ? halve(draft, `maxpool${++pools}`, flow) : convRelu(draft, "", flow, step);
  }
  flow = moduleA(draft, "Mixed_5b", flow, 32);
  flow = moduleA(draft, "Mixed_5c", flow, 64);
  flow = moduleA(draft, "Mixed_5d", flow, 64);
  flow = moduleB(draft, "Mixed_6a", flow);
  flow = moduleC(draft, "Mixed_6b", flow, 128);
  flow = moduleC(draft, "Mixed_6c", flow, 160);
  flow = moduleC(draft, "Mixed_6d", flow, 160);
  flow = moduleC(draft, "Mixed_6e", flow, 192);
  flow = moduleD(draft, "Mixed_7a", flow);
  flow = moduleE(draft, "Mixed_7b", flow);
  flow = moduleE(draft, "Mixed_7c", flow);
  flow = globalAveragePool(draft, "avgpool", flow);
  linear(draft, "fc", flatten(draft, "flatten", flow), 1000);
  return finishNetwork(draft);
}

/** 1 x 1, 5 x 5 and two 3 x 3 side by side. */
function moduleA(draft: Draft, name: string, from: Shape, projection: number): Shape {
  return join(draft, name, [
    chain(draft, name, from, [["branch1x1", 64, 1]]),
    chain(draft, name, from, [
      ["branch5x5_1", 48, 1],
      ["branch5x5_2", 64, 5, 1, 2],
    ]),
    chain(draft, name, from, [
      ["branch3x3dbl_1", 64, 1],
      ["branch3x3dbl_2", 96, 3, 1, 1],
      ["branch3x3dbl_3", 96, 3, 1, 1],
    ]),
    chain(draft, name, average(draft, name, from), [["branch_pool", projection, 1]]),
  ]);
}

/** Halves the image from 35 to 17. */
function moduleB(draft: Draft, name: string, from: Shape): Shape {
  return join(draft, name, [
    chain(draft, name, from, [["branch3x3", 384, 3, 2]]),
    chain(draft, name, from, [
      ["branch3x3dbl_1", 64, 1],
      ["branch3x3dbl_2", 96, 3, 1, 1],
      ["branch3x3dbl_3", 96, 3, 2],
    ]),
    halve(draft, `${name}.maxpool`, from),
  ]);
}

/** 7 x 7 kernels split into rows and columns. */
function moduleC(draft: Draft, name: string, from: Shape, width: number): Shape {
  const across = (step: string, channels: number): Step => [step, channels, [1, 7], 1, [0, 3]];
  const down = (step: string, channels: number): Step => [step, channels, [7, 1], 1, [3, 0]];
  return join(draft, name, [
    chain(draft, name, from, [["branch1x1", 192, 1]]),
    chain(draft, name, from, [["branch7x7_1", width, 1], across("branch7x7_2", width), down("branch7x7_3", 192)]),
    chain(draft, name, from, [
      ["branch7x7dbl_1", width, 1],
      down("branch7x7dbl_2", width),
      across("branch7x7dbl_3", width),
      down("branch7x7dbl_4", width),
      across("branch7x7dbl_5", 192),
    ]),
    chain(draft, name, average(draft, name, from), [["branch_pool", 192, 1]]),
  ]);
}

/** Halves the image from 17 to 8. */
function moduleD(draft: Draft, name: string, from: Shape): Shape {
  return join(draft, name, [
    chain(draft, name, from, [
      ["branch3x3_1", 192, 1],
      ["branch3x3_2", 320, 3, 2],
    ]),
    chain(draft, name, from, [
      ["branch7x7x3_1", 192, 1],
      ["branch7x7x3_2", 192, [1, 7], 1, [0, 3]],
      ["branch7x7x3_3", 192, [7, 1], 1, [3, 0]],
      ["branch7x7x3_4", 192, 3, 2],
    ]),
    halve(draft, `${name}.maxpool`, from),
  ]);
}

/** 3 x 3 kernels whose row and column halves lie side by side. */
function moduleE(draft: Draft, name: string, from: Shape): Shape {
  const split = (stem: Shape, branch: string): Shape[] => [
    chain(draft, name, stem, [[`${branch}a`, 384, [1, 3], 1, [0, 1]]]),
    chain(draft, name, stem, [[`${branch}b`, 384, [3, 1], 1, [1, 0]]]),
  ];
  return join(draft, name, [
    chain(draft, name, from, [["branch1x1", 320, 1]]),
    ...split(chain(draft, name, from, [["branch3x3_1", 384, 1]]), "branch3x3_2"),
    ...split(
      chain(draft, name, from, [
        ["branch3x3dbl_1", 448, 1],
        ["branch3x3dbl_2", 384, 3, 1, 1],
      ]),
      "branch3x3dbl_3",
    ),
    chain(draft, name, average(draft, name, from), [["branch_pool", 192, 1]]),
  ]);
}

function chain(draft: Draft, name: string, from: Shape, steps: readonly Step[]): Shape {
  return steps.reduce((flow, step) => convRelu(draft, `${name}.`, flow, step), from);
}

function convRelu(
  draft: Draft,
  prefix: string,
  from: Shape,
  [name, channels, kernel, stride = 1, padding = 0]: Step,
): Shape {
  const flow = conv(draft, prefix + name, from, { channels, kernel, stride, padding });
  return pointwise(draft, `${prefix}${name}.relu`, "relu", flow);
}

const halve = (draft: Draft, name: string, from: Shape): Shape =>
  pool(draft, name, "maxpool", from, { kernel: 3, stride: 2 });

const average = (draft: Draft, name: string, from: Shape): Shape =>
  pool(draft, `${name}.avgpool`, "avgpool", from, { kernel: 3, stride: 1, padding: 1 });

const join = (draft: Draft, name: string, flows: readonly Shape[]): Shape => concat(draft, `${name}.concat`, flows);
