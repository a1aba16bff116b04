// AlexNet in its two published widths: the one-tower network of torchvision, and the two-tower original as Caffe
// distributes it, whose conv2, conv4 and conv5 see half of the channels each (groups of 2).

import type { Draft } from "../build.ts";
import { conv, draftNetwork, finishNetwork, flatten, input, linear, pointwise, pool } from "../build.ts";
import type { Network } from "../layer.ts";
import type { Shape } from "../shapes.ts";

interface Row {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
  /** What follows the ReLU; `norm` is local response normalisation. */
  readonly after: readonly ("norm" | "pool")[];
}

const row = (
  channels: number,
  kernel: number,
  stride: number,
  padding: number,
  groups: number,
  after: Row["after"],
): Row => ({
  channels,
  kernel,
  stride,
  padding,
  groups,
  after,
});

/** Krizhevsky, One weird trick (2014), as in torchvision; input 224 x 224. */
export function alexnet(batch: number): Network {
  return build(
    "alexnet",
    "torchvision alexnet (Krizhevsky, arXiv:1404.5997)",
    [batch, 3, 224, 224],
    [
      row(64, 11, 4, 2, 1, ["pool"]),
      row(192, 5, 1, 2, 1, ["pool"]),
      row(384, 3, 1, 1, 1, []),
      row(256, 3, 1, 1, 1, []),
      row(256, 3, 1, 1, 1, ["pool"]),
    ],
  );
}

/** Krizhevsky et al., NIPS 2012, as in Caffe's bvlc_reference; input 227 x 227. */
export function alexnetCaffe(batch: number): Network {
  return build(
    "alexnet-caffe",
    "Caffe bvlc_alexnet (Krizhevsky et al., NIPS 2012)",
    [batch, 3, 227, 227],
    [
      row(96, 11, 4, 0, 1, ["norm", "pool"]),
      row(256, 5, 1, 2, 2, ["norm", "pool"]),
      row(384, 3, 1, 1, 1, []),
      row(384, 3, 1, 1, 2, []),
      row(256, 3, 1, 1, 2, ["pool"]),
    ],
  );
}

function build(name: string, source: string, image: Shape, rows: readonly Row[]): Network {
  const draft = draftNetwork(name, source);
  let flow = input(draft, "input", image);
  for (const [i, { after, ...options }] of rows.entries()) {
    const number = i + 1;
    flow = conv(draft, `conv${number}`, flow, options);
    flow = pointwise(draft, `relu${number}`, "relu", flow);
    if (after.includes("norm")) flow = pointwise(draft, `norm${number}`, "lrn", flow);
    if (after.includes("pool")) flow = pool(draft, `pool${number}`, "maxpool", flow, { kernel: 3, stride: 2 });
  }
  classify(draft, flatten(draft, "flatten", flow));
  return finishNetwork(draft);
}

/** The three fully connected layers that AlexNet and VGG end in. */
export function classify(draft: Draft, features: Shape): Shape {
  let flow = linear(draft, "fc6", features, 4096);
  flow = pointwise(draft, "relu6", "relu", flow);
  flow = linear(draft, "fc7", flow, 4096);
  flow = pointwise(draft, "relu7", "relu", flow);
  return linear(draft, "fc8", flow, 1000);
}
