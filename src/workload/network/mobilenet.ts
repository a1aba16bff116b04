// MobileNet v1 and v2 at width 1 and 224 x 224, and v1 at half the width and 128 x 128: depth-wise convolutions (as many groups as channels) between 1 x 1 ones.

import type { Draft } from "../build.ts";
import {
  add,
  conv,
  draftNetwork,
  finishNetwork,
  flatten,
  globalAveragePool,
  input,
  linear,
  pointwise,
} from "../build.ts";
import type { Network } from "../layer.ts";
import type { Shape } from "../shapes.ts";

/** Output channels and stride of each depth-wise separable pair (table 1 of the paper). */
const PAIRS: readonly (readonly [channels: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** Width 1, 224 x 224. */
export const mobilenetV1 = (batch: number): Network => buildV1("mobilenet-v1", batch, 1, 224);

/** Half as wide and 128 x 128, the network that Eyeriss v2 was measured on. */
export const mobilenetV1Half128 = (batch: number): Network => buildV1("mobilenet-v1-0.5-128", batch, 0.5, 128);

function buildV1(name: string, batch: number, width: number, size: number): Network {
  const draft = draftNetwork(name, "Howard et al., 2017 (arXiv:1704.04861), table 1");
  let flow = input(draft, "input", [batch, 3, size, size]);
  const first = conv(draft, "conv1", flow, { channels: 32 * width, kernel: 3, stride: 2, padding: 1 });
  flow = activated(draft, "conv1", first);
  for (const [i, [full, stride]] of PAIRS.entries()) {
    const number = i + 1;
    const channels = full * width;
    flow = activated(draft, `depthwise${number}`, depthwise(draft, `depthwise${number}`, flow, stride));
    flow = activated(draft, `pointwise${number}`, conv(draft, `pointwise${number}`, flow, { channels, kernel: 1 }));
  }
  return classify(draft, flow);
}

/** Expansion, output channels, repetitions and stride of the first repetition (table 2 of the paper). */
const STAGES: readonly (readonly [expansion: number, channels: number, repetitions: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

export function mobilenetV2(batch: number): Network {
  const draft = draftNetwork("mobilenet-v2", "Sandler et al., CVPR 2018 (arXiv:1801.04381), table 2");
  let flow = input(draft, "input", [batch, 3, 224, 224]);
  flow = activated(draft, "conv1", conv(draft, "conv1", flow, { channels: 32, kernel: 3, stride: 2, padding: 1 }));
  let number = 0;
  for (const [expansion, channels, repetitions, stride] of STAGES) {
    for (let i = 0; i < repetitions; i++) {
      flow = invertedResidual(draft, `block${++number}`, flow, expansion, channels, i === 0 ? stride : 1);
    }
  }
  flow = activated(draft, "conv_last", conv(draft, "conv_last", flow, { channels: 1280, kernel: 1 }));
  return classify(draft, flow);
}

function invertedResidual(
  draft: Draft,
  name: string,
  from: Shape,
  expansion: number,
  channels: number,
  stride: number,
): Shape {
  const inChannels = from[1] ?? 0;
  let flow = from;
  if (expansion !== 1) {
    const wide = conv(draft, `${name}.expand`, flow, { channels: inChannels * expansion, kernel: 1 });
    flow = activated(draft, `${name}.expand`, wide);
  }
  flow = activated(draft, `${name}.depthwise`, depthwise(draft, `${name}.depthwise`, flow, stride));
  flow = conv(draft, `${name}.project`, flow, { channels, kernel: 1 });
  return stride === 1 && inChannels === channels ? add(draft, `${name}.add`, from, flow) : flow;
}

function depthwise(draft: Draft, name: string, from: Shape, stride: number): Shape {
  const channels = from[1] ?? 0;
  return conv(draft, name, from, { channels, kernel: 3, stride, padding: 1, groups: channels });
}

function activated(draft: Draft, name: string, from: Shape): Shape {
  return pointwise(draft, `${name}.relu`, "relu", from);
}

function classify(draft: Draft, from: Shape): Network {
  const flow = globalAveragePool(draft, "avgpool", from);
  linear(draft, "fc", flatten(draft, "flatten", flow), 1000);
  return finishNetwork(draft);
}
