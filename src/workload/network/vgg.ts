// VGG-16 and VGG-19: five stages of 3 x 3 convolutions, each ending in a 2 x 2 pooling.

import { conv, draftNetwork, finishNetwork, flatten, input, pointwise, pool } from "../build.ts";
import type { Network } from "../layer.ts";
import { classify } from "./alexnet.ts";

const WIDTHS = [64, 128, 256, 512, 512];

/** Configuration D. */
export const vgg16 = (batch: number): Network => build("vgg16", [2, 2, 3, 3, 3], batch);

/** Configuration E. */
export const vgg19 = (batch: number): Network => build("vgg19", [2, 2, 4, 4, 4], batch);

function build(name: string, depths: readonly number[], batch: number): Network {
  const draft = draftNetwork(name, "Simonyan and Zisserman, ICLR 2015 (arXiv:1409.1556)");
  let flow = input(draft, "input", [batch, 3, 224, 224]);
  for (const [stage, depth] of depths.entries()) {
    for (let i = 1; i <= depth; i++) {
      const place = `${stage + 1}_${i}`;
      flow = conv(draft, `conv${place}`, flow, { channels: WIDTHS[stage] ?? 0, kernel: 3, padding: 1 });
      flow = pointwise(draft, `relu${place}`, "relu", flow);
    }
    flow = pool(draft, `pool${stage + 1}`, "maxpool", flow, { kernel: 2, stride: 2 });
  }
  classify(draft, flatten(draft, "flatten", flow));
  return finishNetwork(draft);
}
