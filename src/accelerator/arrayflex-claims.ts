// What the ArrayFlex paper says, and what follows from its formulas and clocks: claims that `heddle reproduce arrayflex`
// re-derives against the fixed-pipeline array.

import { derived, fitted, recalled, stated } from "../base/source.ts";
import type { Claim, LayerSelection, Subject } from "./claim.ts";

const fromFormulas = derived("tile formula and the four clocks of the paper, summed over the network's layers");
const abstract = stated("abstract");
const dense = { grouping: "block-diagonal" };

const subject = (network: string, layers: LayerSelection, size: number, set = {}): Subject => ({
  network,
  layers,
  set: { rows: size, columns: size, ...set },
});

const resnet = (size: number) => subject("resnet34", "without downsample", size);
const mobilenet = (size: number) => subject("mobilenet-v1", "all", size, dense);
const convnext = (size: number) => subject("convnext-tiny", "all", size, dense);
const study = subject("resnet34", "without downsample", 132, { depths: "1,2,3,4" });

const saving = (
  network: string,
  size: number,
  published: number,
  subjects: readonly Subject[],
  note: string,
): Claim => ({
  id: `arrayflex.latency.${network}.${size}`,
  workload: network.replace("-pointwise", ""),
  metric: `latency saved on ${size} x ${size}`,
  published,
  unit: "%",
  tolerance: 0.5,
  source: fromFormulas,
  fitted: false,
  note,
  measure: { kind: "latency saving", subjects },
});

const choices = (network: string, published: Readonly<Record<"k1" | "k2" | "k4", number>>, one: Subject): Claim[] =>
  (["k1", "k2", "k4"] as const).map((mapping) => ({
    id: `arrayflex.layers.${network}.${mapping}`,
    workload: network,
    metric: `layers using ${mapping} on 128 x 128`,
    published: published[mapping],
    unit: "layers",
    tolerance: 0,
    source: fromFormulas,
    fitted: false,
    note: "",
    measure: { kind: "layers choosing", mapping, subject: one },
  }));

const depth = (layer: number, best: number, times: Readonly<Record<string, number>>): Claim[] => [
  {
    id: `arrayflex.depth.layer${layer}`,
    workload: "resnet34",
    metric: `best depth of layer ${layer} on 132 x 132`,
    published: best,
    unit: "units a stage",
    tolerance: 0,
    source: recalled("depth study of the paper; layers counted without down-sampling convolutions"),
    fitted: false,
    note: "",
    measure: { kind: "chosen depth", layer, subject: study },
  },
  ...Object.entries(times).map(([mapping, published]): Claim => ({
    id: `arrayflex.depth.layer${layer}.${mapping}`,
    workload: "resnet34",
    metric: `time of layer ${layer} on 132 x 132, ${mapping}`,
    published,
    unit: "us",
    tolerance: 0.005,
    source: fromFormulas,
    fitted: false,
    note: "figures are given to two decimals",
    measure: { kind: "layer time", layer, subject: study, ...(mapping === "conventional" ? {} : { mapping }) },
  })),
];

const wholePaper = [128, 256].flatMap((size) => [resnet(size), mobilenet(size), convnext(size)]);
const needsPowers = "relative powers of the modes were fitted to this very claim: the paper publishes none";
const denseDepthwise = "depth-wise layers as one dense product of 9C x C";
const literalDepthwise = "depth-wise layers left out";

export const arrayflexClaims: readonly Claim[] = [
  {
    id: "arrayflex.latency.average",
    workload: "resnet34, mobilenet-v1, convnext-tiny",
    metric: "latency saved, average of both sizes",
    published: 11,
    unit: "%",
    tolerance: 1,
    source: abstract,
    fitted: false,
    note: "which layers and which lowering of depth-wise layers the average covers is not stated; here all three networks at both sizes, depth-wise as dense products",
    measure: { kind: "latency saving", subjects: wholePaper },
  },
  saving("resnet34", 128, 9.5, [resnet(128)], "34 layers, without down-sampling convolutions"),
  saving("resnet34", 256, 11.7, [resnet(256)], "34 layers, without down-sampling convolutions"),
  saving("mobilenet-v1", 128, 10.0, [mobilenet(128)], denseDepthwise),
  saving("mobilenet-v1", 256, 12.8, [mobilenet(256)], denseDepthwise),
  saving("mobilenet-v1-pointwise", 128, 10.2, [subject("mobilenet-v1", "without depth-wise", 128)], literalDepthwise),
  saving("mobilenet-v1-pointwise", 256, 8.4, [subject("mobilenet-v1", "without depth-wise", 256)], literalDepthwise),
  saving("convnext-tiny", 128, 11.0, [convnext(128)], denseDepthwise),
  saving("convnext-tiny", 256, 15.4, [convnext(256)], denseDepthwise),
  saving("convnext-tiny-pointwise", 128, 11.4, [subject("convnext-tiny", "without depth-wise", 128)], literalDepthwise),
  saving("convnext-tiny-pointwise", 256, 15.2, [subject("convnext-tiny", "without depth-wise", 256)], literalDepthwise),
  ...choices("resnet34", { k1: 7, k2: 20, k4: 7 }, resnet(128)),
  ...choices("mobilenet-v1", { k1: 7, k2: 16, k4: 5 }, mobilenet(128)),
  ...choices("convnext-tiny", { k1: 10, k2: 38, k4: 11 }, convnext(128)),
  ...depth(20, 2, { conventional: 10.62, k1: 11.8, k2: 9.7, k3: 9.94, k4: 10.08 }),
  ...depth(28, 4, { conventional: 15.95, k1: 17.72, k2: 13.17, k3: 12.82, k4: 12.6 }),
  ...[128, 256].flatMap((size): Claim[] => {
    const subjects = [resnet(size), mobilenet(size), convnext(size)];
    const common = {
      workload: "resnet34, mobilenet-v1, convnext-tiny",
      source: fitted("abstract, with relative powers of the modes fitted to it"),
      fitted: true,
      note: needsPowers,
    };
    return [
      {
        ...common,
        id: `arrayflex.power.${size}`,
        metric: `power saved on ${size} x ${size}`,
        published: [13, 23],
        unit: "%",
        tolerance: 0.5,
        measure: { kind: "power saving", subjects },
      },
      {
        ...common,
        id: `arrayflex.edp.${size}`,
        metric: `energy-delay gain on ${size} x ${size}`,
        published: [1.4, 1.8],
        unit: "x",
        tolerance: 0.05,
        measure: { kind: "energy-delay gain", subjects },
      },
    ];
  }),
];
