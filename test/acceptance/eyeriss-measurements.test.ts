// Row-stationary splits in closed form against the published tables of the Eyeriss chip: identities exactly, words
// through the memories with their errors printed. Nothing is tuned.

import { describe, expect, test } from "vitest";
import { eyerissMeasurements } from "../../src/accelerator/nests/eyeriss-measurements.ts";
import type { MeasuredLayer } from "../../src/accelerator/nests/eyeriss-measurements.ts";
import type { RowStationaryLimits, SplitFigures } from "../../src/mapping/nest/row-stationary-figures.ts";
import { bestSplit, splitFigures, splitMisfit } from "../../src/mapping/nest/row-stationary-figures.ts";
import { hypergeometric } from "../../src/tensor/density/hypergeometric.ts";
import { runLength } from "../../src/tensor/format.ts";
import { tileBits } from "../../src/tensor/tile-bits.ts";
import type { Conv2d } from "../../src/workload/layer.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";

const limits: RowStationaryLimits = {
  grid: { rows: 12, columns: 14 },
  filterWords: 224,
  inputWords: 12,
  sumWords: 24,
  banks: 25,
  bankBytes: 4096,
  wordBytes: 2,
};

const hertz = 200e6;

/** Fractions of non-zero results, before pooling, by layer of AlexNet (stated in Accelergy-Project/micro22-sparseloop-artifact). */
const resultDensity = [0.378, 0.169, 0.303, 0.304, 0.1];

/** Cycles of all passes by the published identity n p q R E times their number (derived from the published splits). */
const published = [
  { sums: 72.2, inputs: 15.5, passes: 288, passCycles: 9680 },
  { sums: 91.1, inputs: 3.8, passes: 1536, passCycles: 4320 },
  { sums: 84.5, inputs: 7.0, passes: 384, passCycles: 9984 },
  { sums: 84.5, inputs: 10.5, passes: 384, passCycles: 7488 },
  { sums: 84.5, inputs: 10.5, passes: 256, passCycles: 7488 },
];

function convolution(network: keyof typeof eyerissMeasurements, layer: string): Conv2d {
  const { batch } = eyerissMeasurements[network];
  const found = builtinNetwork(network, { batch }).layers.find(({ name }) => name === layer);
  if (found?.kind !== "compute" || found.operation.operator !== "conv2d") throw new Error(`no layer ${layer}`);
  return found.operation;
}

/** Bytes of words that are compressed where that makes them fewer: three runs of 5 bits and values of 16 in 64 bits. */
function compressed(words: number, density: number): number {
  const model = hypergeometric([words], Math.round(density * words));
  const entries = tileBits(model, [words], runLength(5), 16) / 21;
  return Math.min(2 * words, 8 * Math.ceil(entries / 3));
}

const megabytes = ({ buffer }: SplitFigures): number =>
  (2 * Object.values(buffer).reduce((sum, words) => sum + words, 0)) / 1e6;

function offChip({ dram }: SplitFigures, zeros: number, results: number): number {
  return (compressed(dram.inputs, 1 - zeros / 100) + 2 * dram.filters + compressed(dram.results, results)) / 1e6;
}

const percent = (ours: number, theirs: number): string => `${((ours / theirs - 1) * 100).toFixed(1)} %`;

describe("AlexNet with the published splits", () => {
  const { layers } = eyerissMeasurements["alexnet-caffe"];
  const cases = layers.flatMap((measured, index) => {
    const { split } = measured;
    if (split === undefined) return [];
    const conv = convolution("alexnet-caffe", measured.layer);
    return [{ name: measured.layer, index, measured, conv, split, figures: splitFigures(conv, split, 2) }];
  });

  test("all five layers have one", () => expect(cases).toHaveLength(5));

  test.each(cases)("$name: units, bytes and passes are the published ones, and the chip takes the split", (one) => {
    const { figures, measured, conv, split, index } = one;
    const stated = published[index];
    expect(figures.units).toBe(measured.units);
    expect(Number((figures.sumBytes / 1024).toFixed(1))).toBe(stated?.sums);
    expect(Number((figures.inputBytes / 1024).toFixed(1))).toBe(stated?.inputs);
    expect(figures.passes).toBe(stated?.passes);
    expect(figures.passCycles).toBe(stated?.passCycles);
    expect(splitMisfit(conv, split, limits)).toBe(undefined);
    // Passes leave out what loads weights and starts them: the published processing time is 4 to 16 % longer.
    const share = (figures.cycles / hertz) * (1000 / measured.processing);
    expect(share).toBeGreaterThan(0.84);
    expect(share).toBeLessThan(0.96);
  });

  test("words through the shared memory and off chip: errors", () => {
    const errors = cases.map(({ name, figures, measured, index }) => {
      const buffer = megabytes(figures);
      const dram = offChip(figures, measured.zeros, resultDensity[index] ?? 1);
      process.stdout.write(
        `eyeriss alexnet ${name}: shared memory ${buffer.toFixed(1)} MB (published ${measured.buffer}, ` +
          `${percent(buffer, measured.buffer)}), off chip ${dram.toFixed(2)} MB (published ${measured.dram}, ` +
          `${percent(dram, measured.dram)})\n`,
      );
      return { name, buffer: buffer / measured.buffer - 1, dram: dram / measured.dram - 1 };
    });
    for (const { name, buffer, dram } of errors) {
      expect(Math.abs(dram), name).toBeLessThan(0.12);
      // The split of conv3 as published adds up in 64 steps of channels, whose sums alone are more than was measured.
      if (name === "conv3") expect(buffer, name).toBeGreaterThan(0.3);
      else expect(Math.abs(buffer), name).toBeLessThan(0.12);
    }
  });

  test("conv3 would come as near as conv4 and conv5 with their split of channels and filters", () => {
    const [, , conv3, conv4] = cases;
    if (conv3 === undefined || conv4 === undefined) throw new Error("no such layers");
    expect(splitMisfit(conv3.conv, conv4.split, limits)).toBe(undefined);
    const buffer = megabytes(splitFigures(conv3.conv, conv4.split, 2));
    process.stdout.write(`eyeriss alexnet conv3 split as conv4: ${buffer.toFixed(1)} MB\n`);
    expect(Math.abs(buffer / conv3.measured.buffer - 1)).toBeLessThan(0.06);
  });

  test("the search keeps the limits and is never worse than the published split", () => {
    for (const { conv, figures } of cases) {
      for (const price of [byCycles, byWords]) {
        const found = bestSplit(conv, limits, price);
        expect(splitMisfit(conv, found.split, limits)).toBe(undefined);
        expect(found.figures).toEqual(splitFigures(conv, found.split, limits.wordBytes));
        expect(price(found.figures)).toBeLessThanOrEqual(price(figures));
      }
    }
  });
});

const byCycles = ({ cycles }: SplitFigures): number => cycles;

/** Relative energies of the memories: 200 off chip, 6 in the shared memory (recalled, Chen et al., ISCA 2016). */
const byWords = ({ buffer, dram }: SplitFigures): number =>
  6 * Object.values(buffer).reduce((sum, words) => sum + words, 0) + 200 * (dram.inputs + dram.filters + dram.results);

// The chip's words through the shared memory are about as many as 1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8 channels a pass
// need, and its units work a fifth of the time in conv1_2: the search finds splits with fewer words and fewer cycles.
test("VGG-16, whose splits are not published: what the search finds, beside the chip", () => {
  const { layers } = eyerissMeasurements.vgg16;
  const errors = layers.map((measured: MeasuredLayer, index) => {
    const conv = convolution("vgg16", measured.layer);
    const { figures, split } = bestSplit(conv, limits, byWords);
    // What the next layer finds zero is what this one wrote, pooling apart.
    const dram = offChip(figures, measured.zeros, 1 - (layers[index + 1]?.zeros ?? measured.zeros) / 100);
    const milliseconds = (figures.cycles / hertz) * 1000;
    process.stdout.write(
      `eyeriss vgg16 ${measured.layer}: ${Object.entries(split).flat().join(" ")}: ${figures.units} units (${measured.units}), ` +
        `${milliseconds.toFixed(1)} ms (${percent(milliseconds, measured.processing)}), shared memory ` +
        `${percent(megabytes(figures), measured.buffer)}, off chip ${percent(dram, measured.dram)}\n`,
    );
    return figures;
  });
  for (const { units } of errors) expect(units).toBeLessThanOrEqual(168);
});
