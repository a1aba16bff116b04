// ResNet-18/34 (basic blocks) and -50/101 (bottlenecks). Layers carry torchvision's names, so that the shortcut
// convolutions are those with `downsample` in the name; batch normalisation is folded into the weights and not listed.

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
  pool,
} from "../build.ts";
import type { Network } from "../layer.ts";
import type { Shape } from "../shapes.ts";

const WIDTHS = [64, 128, 256, 512];

export const resnet18 = (batch: number): Network => build("resnet18", basic, 1, [2, 2, 2, 2], batch);
export const resnet34 = (batch: number): Network => build("resnet34", basic, 1, [3, 4, 6, 3], batch);
/** Version 1.5: the 3 x 3 convolution of a stage's first block has the stride of 2 (version 1 gave it to the first 1 x 1). */
export const resnet50 = (batch: number): Network => build("resnet50", bottleneck, 4, [3, 4, 6, 3], batch);
/** Version 1.5, as `resnet50`. */
export const resnet101 = (batch: number): Network => build("resnet101", bottleneck, 4, [3, 4, 23, 3], batch);

type Block = (draft: Draft, name: string, from: Shape, width: number, stride: number) => Shape;

function build(name: string, block: Block, expansion: number, depths: readonly number[], batch: number): Network {
  const draft = draftNetwork(name, "He et al., CVPR 2016 (arXiv:1512.03385), strides as in torchvision");
  let flow = input(draft, "input", [batch, 3, 224, 224]);
  flow = conv(draft, "conv1", flow, { channels: 64, kernel: 7, stride: 2, padding: 3 });
  flow = pointwise(draft, "relu", "relu", flow);
  flow = pool(draft, "maxpool", "maxpool", flow, { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, depth] of depths.entries()) {
    const width = WIDTHS[stage] ?? 0;
    for (let i = 0; i < depth; i++) {
      const prefix = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const main = block(draft, prefix, flow, width, stride);
      const channels = width * expansion;
      const shortcut =
        flow[1] === channels && stride === 1
          ? flow
          : conv(draft, `${prefix}.downsample.0`, flow, { channels, kernel: 1, stride });
      flow = add(draft, `${prefix}.add`, main, shortcut);
      flow = pointwise(draft, `${prefix}.relu`, "relu", flow);
    }
  }
  flow = globalAveragePool(draft, "avgpool", flow);
  linear(draft, "fc", flatten(draft, "flatten", flow), 1000);
  return finishNetwork(draft);
}

function basic(draft: Draft, name: string, from: Shape, width: number, stride: number): Shape {
  let flow = conv(draft, `${name}.conv1`, from, { channels: width, kernel: 3, stride, padding: 1 });
  flow = pointwise(draft, `${name}.relu1`, "relu", flow);
  return conv(draft, `${name}.conv2`, flow, { channels: width, kernel: 3, padding: 1 });
}

function bottleneck(draft: Draft, name: string, from: Shape, width: number, stride: number): Shape {
  let flow = conv(draft, `${name}.conv1`, from, { channels: width, kernel: 1 });
  flow = pointwise(draft, `${name}.relu1`, "relu", flow);
  flow = conv(draft, `${name}.conv2`, flow, { channels: width, kernel: 3, stride, padding: 1 });
  flow = pointwise(draft, `${name}.relu2`, "relu", flow);
  return conv(draft, `${name}.conv3`, flow, { channels: 4 * width, kernel: 1 });
}
