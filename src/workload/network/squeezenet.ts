// SqueezeNet 1.0: fire modules that squeeze with 1 x 1 convolutions and expand with 1 x 1 and 3 x 3 side by side.

import type { Draft } from "../build.ts";
import {
  concat,
  conv,
  draftNetwork,
  finishNetwork,
  flatten,
  globalAveragePool,
  input,
  pointwise,
  pool,
} from "../build.ts";
import type { Network } from "../layer.ts";
import type { Shape } from "../shapes.ts";

/** Squeeze and expand widths of fire2 to fire9; each expand width is used twice (1 x 1 and 3 x 3). */
const FIRES: readonly (readonly [squeeze: number, expand: number])[] = [
  [16, 64],
  [16, 64],
  [32, 128],
  [32, 128],
  [48, 192],
  [48, 192],
  [64, 256],
  [64, 256],
];

/** Fire modules followed by a pooling. */
const HALVED_AFTER = new Set([4, 8]);

export function squeezenet10(batch: number): Network {
  const draft = draftNetwork("squeezenet1.0", "Iandola et al., 2016 (arXiv:1602.07360), padding as in torchvision");
  const halve = (name: string, from: Shape): Shape =>
    pool(draft, name, "maxpool", from, { kernel: 3, stride: 2, ceil: true });
  let flow = input(draft, "input", [batch, 3, 224, 224]);
  flow = convRelu(draft, "conv1", flow, 96, 7, 2, 0);
  flow = halve("pool1", flow);
  for (const [i, [squeeze, expand]] of FIRES.entries()) {
    const number = i + 2;
    const squeezed = convRelu(draft, `fire${number}.squeeze`, flow, squeeze, 1, 1, 0);
    const narrow = convRelu(draft, `fire${number}.expand1x1`, squeezed, expand, 1, 1, 0);
    const wide = convRelu(draft, `fire${number}.expand3x3`, squeezed, expand, 3, 1, 1);
    flow = concat(draft, `fire${number}.concat`, [narrow, wide]);
    if (HALVED_AFTER.has(number)) flow = halve(`pool${number}`, flow);
  }
  flow = convRelu(draft, "conv10", flow, 1000, 1, 1, 0);
  flatten(draft, "flatten", globalAveragePool(draft, "avgpool", flow));
  return finishNetwork(draft);
}

function convRelu(
  draft: Draft,
  name: string,
  from: Shape,
  channels: number,
  kernel: number,
  stride: number,
  padding: number,
): Shape {
  return pointwise(draft, `${name}.relu`, "relu", conv(draft, name, from, { channels, kernel, stride, padding }));
}
