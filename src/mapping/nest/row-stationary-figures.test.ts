// Row-stationary splits in closed form against a walk through passes, strips and rows, and the search against every split
// of small layers.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Conv2d } from "../../workload/layer.ts";
import type { RowStationaryLimits, SplitFigures } from "./row-stationary-figures.ts";
import { bestSplit, splitFigures, splitMisfit } from "./row-stationary-figures.ts";
import type { RowStationarySplit } from "./row-stationary.ts";

const layers: fc.Arbitrary<Conv2d> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 5 }),
    filters: fc.integer({ min: 1, max: 6 }),
    groups: fc.integer({ min: 1, max: 2 }),
    size: fc.integer({ min: 3, max: 9 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    padding: fc.integer({ min: 0, max: 1 }),
  })
  .map(({ batch, channels, filters, groups, size, kernel, stride, padding }) => ({
    operator: "conv2d",
    batch,
    inChannels: channels * groups,
    height: size,
    width: size,
    outChannels: filters * groups,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    dilation: [1, 1],
    groups,
  }));

const splits: fc.Arbitrary<RowStationarySplit> = fc.record({
  m: fc.integer({ min: 1, max: 8 }),
  n: fc.integer({ min: 1, max: 3 }),
  e: fc.integer({ min: 1, max: 9 }),
  p: fc.integer({ min: 1, max: 3 }),
  q: fc.integer({ min: 1, max: 3 }),
  r: fc.integer({ min: 1, max: 2 }),
  t: fc.integer({ min: 1, max: 2 }),
});

/** Ranges [start, end) of `size` in steps of `step`. */
function* parts(size: number, step: number): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < size; start += step) yield [start, Math.min(size, start + step)];
}

/** Pass by pass, with sets of words for what the memories hold. */
function walked(conv: Conv2d, split: RowStationarySplit) {
  const { m, n, e, p, q, r, t } = split;
  const rowsOut = Math.floor((conv.height + 2 * conv.padding[0] - conv.kernelHeight) / conv.stride[0]) + 1;
  const filters = conv.outChannels / conv.groups;
  const channels = conv.inChannels / conv.groups;
  const width = conv.width + 2 * conv.padding[1];
  const seen = new Set<string>();
  const counts = {
    passes: 0,
    fills: 0,
    reads: 0,
    sumWrites: 0,
    sumReads: 0,
    dramInputs: 0,
    dramFilters: 0,
    results: 0,
  };
  for (const [n0, n1] of parts(conv.batch, n)) {
    for (let group = 0; group < conv.groups; group++) {
      for (const [m0, m1] of parts(filters, m)) {
        for (const [e0, e1] of parts(rowsOut, e)) {
          for (const [c0, c1] of parts(channels, q * r)) {
            const rows = new Set<number>();
            for (let row = e0; row < e1; row++) {
              for (let tap = 0; tap < conv.kernelHeight; tap++) rows.add(row * conv.stride[0] + tap - conv.padding[0]);
            }
            // With a stride beyond the kernel, the rows between windows are loaded with them.
            for (let row = Math.min(...rows); row <= Math.max(...rows); row++) rows.add(row);
            const stored = [...rows].filter((row) => row >= 0 && row < conv.height);
            counts.fills += (n1 - n0) * (c1 - c0) * rows.size * width;
            counts.dramInputs += (n1 - n0) * (c1 - c0) * stored.length * conv.width;
            for (const [f0, f1] of parts(m1 - m0, p * t)) {
              counts.passes++;
              counts.reads += (n1 - n0) * (c1 - c0) * rows.size * width;
              counts.dramFilters += (f1 - f0) * (c1 - c0) * conv.kernelHeight * conv.kernelWidth;
              for (let image = n0; image < n1; image++) {
                for (let filter = m0 + f0; filter < m0 + f1; filter++) {
                  for (let row = e0; row < e1; row++) {
                    for (let column = 0; column < rowsOut; column++) {
                      const word = [image, group, filter, row, column].join();
                      if (seen.has(word)) counts.sumReads++;
                      seen.add(word);
                      counts.sumWrites++;
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
  return { ...counts, results: seen.size };
}

test("figures are those of a walk through the passes, wherever filters of one load are whole passes", () => {
  fc.assert(
    fc.property(layers, splits, (conv, drawn) => {
      const split = { ...drawn, m: drawn.m * drawn.p * drawn.t };
      const walk = walked(conv, split);
      const { passes, buffer, dram } = splitFigures(conv, split, 2);
      expect(passes).toBe(walk.passes);
      expect(buffer).toEqual({
        inputFills: walk.fills,
        inputReads: walk.reads,
        sumWrites: walk.sumWrites,
        sumReads: walk.sumReads,
        resultReads: walk.results,
      });
      expect(dram).toEqual({ inputs: walk.dramInputs, filters: walk.dramFilters, results: walk.results });
    }),
    { numRuns: 200 },
  );
});

const limits: RowStationaryLimits = {
  grid: { rows: 6, columns: 4 },
  filterWords: 20,
  inputWords: 8,
  sumWords: 4,
  banks: 5,
  bankBytes: 64,
  wordBytes: 2,
};

const prices: readonly ((figures: SplitFigures) => number)[] = [
  ({ cycles }) => cycles,
  ({ buffer, dram }) =>
    6 * (buffer.inputFills + buffer.inputReads + buffer.sumWrites + buffer.sumReads) +
    200 * (dram.inputs + dram.filters),
];

test("the search finds the best of all splits, and says what does not fit where there is none", () => {
  fc.assert(
    fc.property(layers, fc.constantFrom(...prices), (conv, price) => {
      const filters = conv.outChannels / conv.groups;
      let best = Infinity;
      for (let e = 1; e <= 11; e++) {
        for (let p = 1; p <= 4; p++) {
          for (let q = 1; q <= 5; q++) {
            for (let r = 1; r <= 6; r++) {
              for (let t = 1; t <= 6; t++) {
                for (let n = 1; n <= conv.batch; n++) {
                  for (let m = p * t; m < filters + p * t; m += p * t) {
                    const split = { m: Math.min(m, filters), n, e, p, q, r, t };
                    if (splitMisfit(conv, split, limits) !== undefined) continue;
                    best = Math.min(best, price(splitFigures(conv, split, 2)));
                  }
                }
              }
            }
          }
        }
      }
      if (best === Infinity) expect(() => bestSplit(conv, limits, price)).toThrow("no row-stationary split fits");
      else expect(price(bestSplit(conv, limits, price).figures)).toBe(best);
    }),
    { numRuns: 25 },
  );
});
