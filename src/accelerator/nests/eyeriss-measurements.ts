// What the Eyeriss chip was measured to do on AlexNet and VGG-16, layer by layer, as published: data of the claims and of
// their tests.

import type { RowStationarySplit } from "../../mapping/nest/row-stationary.ts";
import { stated } from "../../base/source.ts";

export const eyerissTables = stated("Chen et al., JSSC 2017, tables III to VI, as extracted in cucapra/fodlam");

/** One row of a published table; figures of the whole batch. */
export interface MeasuredLayer {
  readonly layer: string;
  readonly milliwatts: number;
  /** Milliseconds, loading from off chip included. */
  readonly total: number;
  /** Milliseconds of processing. */
  readonly processing: number;
  readonly units: number;
  /** Percent of the inputs that are zero. */
  readonly zeros: number;
  /** Fraction of the results that are not zero as they leave the chip, before pooling; where it is known. */
  readonly results?: number;
  /** Megabytes. */
  readonly buffer: number;
  readonly dram: number;
  /** The split that the authors publish, for AlexNet only. */
  readonly split?: RowStationarySplit;
}

type Row = readonly [
  layer: string,
  milliwatts: number,
  total: number,
  processing: number,
  units: number,
  zeros: number,
  buffer: number,
  dram: number,
  split?: readonly [m: number, n: number, e: number, p: number, q: number, r: number, t: number],
];

const measured = ([layer, milliwatts, total, processing, units, zeros, buffer, dram, split]: Row): MeasuredLayer => {
  const figures = { layer, milliwatts, total, processing, units, zeros, buffer, dram };
  if (split === undefined) return figures;
  const [m, n, e, p, q, r, t] = split;
  return { ...figures, split: { m, n, e, p, q, r, t } };
};

const alexnet: readonly Row[] = [
  ["conv1", 332, 20.9, 16.5, 154, 0.01, 18.5, 5.0, [96, 1, 7, 16, 1, 1, 2]],
  ["conv2", 288, 41.9, 39.2, 135, 38.7, 77.6, 4.0, [64, 1, 27, 16, 2, 1, 1]],
  ["conv3", 266, 23.6, 21.8, 156, 72.5, 50.2, 3.0, [64, 4, 13, 16, 4, 1, 4]],
  ["conv4", 235, 18.4, 16.0, 156, 79.3, 37.4, 2.1, [64, 4, 13, 16, 3, 2, 2]],
  ["conv5", 236, 10.5, 10.0, 156, 77.6, 24.9, 1.3, [64, 4, 13, 16, 3, 2, 2]],
];

const vgg16: readonly Row[] = [
  ["conv1_1", 247, 76.2, 38.0, 156, 1.6, 112.6, 15.4],
  ["conv1_2", 218, 910.3, 810.6, 156, 47.7, 2402.8, 54.0],
  ["conv2_1", 242, 470.3, 405.3, 156, 24.8, 1201.4, 33.4],
  ["conv2_2", 231, 894.3, 810.8, 156, 38.7, 2402.8, 48.5],
  ["conv3_1", 254, 241.1, 204.0, 156, 39.7, 607.4, 20.2],
  ["conv3_2", 235, 460.9, 408.1, 156, 58.1, 1214.8, 32.2],
  ["conv3_3", 233, 457.7, 408.1, 156, 58.7, 1214.8, 30.8],
  ["conv4_1", 278, 135.8, 105.1, 168, 64.3, 321.8, 17.8],
  ["conv4_2", 261, 254.8, 210.0, 168, 74.7, 643.7, 28.6],
  ["conv4_3", 240, 246.3, 210.0, 168, 85.4, 643.7, 22.8],
  ["conv5_1", 258, 54.3, 48.3, 168, 79.4, 90.0, 6.3],
  ["conv5_2", 236, 53.7, 48.5, 168, 87.4, 90.0, 5.7],
  ["conv5_3", 230, 53.7, 48.5, 168, 88.5, 90.0, 5.6],
];

/** Fractions of non-zero results of AlexNet's layers (stated in Accelergy-Project/micro22-sparseloop-artifact). */
const alexnetResults = [0.378, 0.169, 0.303, 0.304, 0.1];

/** What the next layer of a stage finds is what this one wrote; the last one of a stage is pooled. */
function withResults(layers: readonly MeasuredLayer[]): readonly MeasuredLayer[] {
  return layers.map((layer, index) => {
    const next = layers[index + 1];
    const stage = layer.layer.slice(0, layer.layer.indexOf("_"));
    return next?.layer.startsWith(`${stage}_`) === true ? { ...layer, results: 1 - next.zeros / 100 } : layer;
  });
}

/** 200 MHz, 1 V. AlexNet is the network in two towers; channels are those of a group, filters those of both. */
export const eyerissMeasurements = {
  "alexnet-caffe": {
    batch: 4,
    layers: alexnet.map((row, index): MeasuredLayer => {
      const results = alexnetResults[index];
      return { ...measured(row), ...(results === undefined ? {} : { results }) };
    }),
  },
  vgg16: { batch: 3, layers: withResults(vgg16.map(measured)) },
} as const;
