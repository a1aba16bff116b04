// ConvNeXt-Tiny: 7 x 7 depth-wise convolutions, each followed by an inverted bottleneck of two 1 x 1 ones (written as
// linear layers over the channels in the authors' code, which is the same product).

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

/** Width and number of blocks of each stage. */
const STAGES: readonly (readonly [width: number, blocks: number])[] = [
  [96, 3],
  [192, 3],
  [384, 9],
  [768, 3],
];

export function convnextTiny(batch: number): Network {
  const draft = draftNetwork("convnext-tiny", "Liu et al., CVPR 2022 (arXiv:2201.03545)");
  let flow = input(draft, "input", [batch, 3, 224, 224]);
  for (const [i, [width, blocks]] of STAGES.entries()) {
    const stage = `stage${i + 1}`;
    if (i === 0) {
      flow = conv(draft, "stem", flow, { channels: width, kernel: 4, stride: 4 });
      flow = pointwise(draft, "stem.norm", "layernorm", flow);
    } else {
      flow = pointwise(draft, `${stage}.downsample.norm`, "layernorm", flow);
      flow = conv(draft, `${stage}.downsample`, flow, { channels: width, kernel: 2, stride: 2 });
    }
    for (let block = 1; block <= blocks; block++) {
      const name = `${stage}.block${block}`;
      let inner = conv(draft, `${name}.depthwise`, flow, { channels: width, kernel: 7, padding: 3, groups: width });
      inner = pointwise(draft, `${name}.norm`, "layernorm", inner);
      inner = conv(draft, `${name}.expand`, inner, { channels: 4 * width, kernel: 1 });
      inner = pointwise(draft, `${name}.gelu`, "gelu", inner);
      inner = conv(draft, `${name}.project`, inner, { channels: width, kernel: 1 });
      flow = add(draft, `${name}.add`, flow, inner);
    }
  }
  flow = globalAveragePool(draft, "avgpool", flow);
  flow = pointwise(draft, "norm", "layernorm", flatten(draft, "flatten", flow));
  linear(draft, "fc", flow, 1000);
  return finishNetwork(draft);
}
