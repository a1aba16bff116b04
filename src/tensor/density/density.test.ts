// Density models: against exact enumeration on small tensors, against the statistics of matching random data within
// sampling error, and the laws that hold for every one of them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate } from "../generate.ts";
import type { GeneratorSpec } from "../generate.ts";
import { sparseFromDense } from "../sparse-matrix.ts";
import type { Tensor } from "../tensor.ts";
import { actualData } from "./actual-data.ts";
import { banded } from "./banded.ts";
import { hypergeometricProbability, normalMaximum } from "./binomial.ts";
import type { DensityModel } from "./density.ts";
import { expectedMaximum, largestWithin, meanOf, probabilityOf, tileCount, varianceOf } from "./density.ts";
import { elementMask, evenCuts, tileCounts } from "./element-mask.ts";
import { fixedStructured } from "./fixed-structured.ts";
import { hypergeometric } from "./hypergeometric.ts";
import { powerLaw } from "./power-law.ts";

/** Occupancies of all tiles and zeros before every non-zero, one element at a time. */
function counted({ shape, data }: Tensor, tile: readonly number[]): { counts: number[]; runs: number[] } {
  const tiles = new Map<string, number[]>();
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    const key = strides
      .map((stride, axis) => Math.floor((Math.floor(i / stride) % (shape[axis] ?? 1)) / (tile[axis] ?? 1)))
      .join();
    const elements = tiles.get(key) ?? [];
    tiles.set(key, elements);
    elements.push(data[i] ?? 0);
  }
  const counts: number[] = [];
  const runs: number[] = [];
  for (const elements of tiles.values()) {
    counts.push(elements.filter((element) => element !== 0).length);
    let zeros = 0;
    for (const element of elements) {
      if (element === 0) zeros++;
      else {
        runs.push(zeros);
        zeros = 0;
      }
    }
  }
  return { counts, runs };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const extents = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const tiled = extents.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    tile: fc.tuple(...shape.map((extent) => fc.integer({ min: 1, max: extent + 1 }))),
    density: fc.oneof(fc.constantFrom(0, 1, 0.05), fc.double({ min: 0, max: 1, noNaN: true })),
    seed: fc.nat(1e6),
  }),
);

test("actual data: occupancies, empty tiles and runs are those of the elements", () => {
  fc.assert(
    fc.property(tiled, ({ shape, tile, density, seed }) => {
      const tensor = generate({ kind: "uniform", density }, "int8", shape, seed);
      const model = actualData(tensor);
      const { counts, runs } = counted(tensor, tile);
      const distribution = model.distribution(tile);
      expect(model.nonZeros).toBe(sum(counts));
      expect(model.expected(tile)).toBeCloseTo(sum(counts) / counts.length, 12);
      expect(tileCount(shape, tile)).toBe(counts.length);
      for (let k = 0; k <= Math.max(...counts) + 1; k++) {
        const share = counts.filter((count) => count === k).length / counts.length;
        expect(probabilityOf(distribution, k)).toBeCloseTo(share, 12);
      }
      expect(model.empty(tile)).toBeCloseTo(counts.filter((count) => count === 0).length / counts.length, 12);
      for (const zeros of [0, 1, 2, 5]) {
        const followers = runs.filter((run) => run >= zeros).length;
        expect(model.afterZeros(tile, zeros)).toBeCloseTo(followers / counts.length, 12);
      }
    }),
  );
});

test("counts of boxes that overlap and have gaps are those of the elements", () => {
  const cut = (extent: number) =>
    fc.array(
      fc
        .uniqueArray(fc.integer({ min: 0, max: extent }), { minLength: 2, maxLength: 4 })
        .map((edges) => edges.toSorted((a, b) => a - b))
        .map(([a = 0, b = 0, c = 0, d = 0]): [number, number][] =>
          d > c
            ? [
                [a, b],
                [c, d],
              ]
            : [[a, b]],
        ),
      { minLength: 1, maxLength: 4 },
    );
  const cases = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 80 })).chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      down: cut(rows),
      across: cut(columns),
      seed: fc.nat(1e6),
    }),
  );
  fc.assert(
    fc.property(cases, ({ rows, columns, down, across, seed }) => {
      const tensor = generate({ kind: "uniform", density: 0.4 }, "int8", [rows, columns], seed);
      const expected = down.flatMap((rowCut) =>
        across.map((columnCut) => {
          let ones = 0;
          for (const [top, bottom] of rowCut) {
            for (let row = top; row < bottom; row++) {
              for (const [left, right] of columnCut) {
                for (let column = left; column < right; column++) if (tensor.data[row * columns + column] !== 0) ones++;
              }
            }
          }
          return ones;
        }),
      );
      expect([...tileCounts(elementMask(tensor), [down, across])]).toEqual(expected);
      // The same mask from the entries of a matrix.
      expect(elementMask(sparseFromDense(tensor)).words).toEqual(elementMask(tensor).words);
    }),
  );
});

test("hypergeometric probabilities equal exact enumeration on small tensors", () => {
  for (let elements = 1; elements <= 12; elements++) {
    for (let nonZeros = 0; nonZeros <= elements; nonZeros++) {
      // Every placement: the bits of a number.
      const histograms = Array.from({ length: elements + 1 }, () => new Map<number, number>());
      let placements = 0;
      for (let bits = 0; bits < 2 ** elements; bits++) {
        const ones = bits.toString(2).replaceAll("0", "").length;
        if (ones !== nonZeros) continue;
        placements++;
        for (let tile = 1; tile <= elements; tile++) {
          const inside = (bits & (2 ** tile - 1)).toString(2).replaceAll("0", "").length;
          const histogram = histograms[tile];
          histogram?.set(inside, (histogram.get(inside) ?? 0) + 1);
        }
      }
      for (let tile = 1; tile <= elements; tile++) {
        for (let k = 0; k <= tile; k++) {
          const exact = (histograms[tile]?.get(k) ?? 0) / placements;
          expect(hypergeometricProbability(k, tile, nonZeros, elements)).toBeCloseTo(exact, 13);
        }
      }
    }
  }
});

test("the distribution of a hypergeometric tile is its probabilities, one by one", () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 5000 })
        .chain((elements) =>
          fc.tuple(fc.constant(elements), fc.integer({ min: 0, max: elements }), fc.integer({ min: 1, max: elements })),
        ),
      ([elements, nonZeros, tile]) => {
        // A divisor-free tiling would mix sizes; tiles of one vector that it is cut into evenly do not.
        const model = hypergeometric([tile * Math.max(1, Math.floor(elements / tile))], Math.min(nonZeros, tile));
        const distribution = model.distribution([tile]);
        const total = model.shape[0] ?? 0;
        for (
          let i = 0;
          i < distribution.probability.length;
          i += 1 + Math.floor(distribution.probability.length / 20)
        ) {
          const k = distribution.first + i;
          expect(distribution.probability[i]).toBeCloseTo(
            hypergeometricProbability(k, tile, model.nonZeros, total),
            11,
          );
        }
      },
    ),
  );
});

test("tensors of 2^50 elements neither overflow nor lose their digits", () => {
  const side = 2 ** 25;
  const model = hypergeometric([side, side], 2 ** 47);
  // A small tile of a huge tensor is binomial.
  expect(model.empty([4, 4])).toBeCloseTo(0.875 ** 16, 10);
  const distribution = model.distribution([1024, 1024]);
  expect(sum([...distribution.probability])).toBeCloseTo(1, 12);
  expect(meanOf(distribution)).toBeCloseTo(2 ** 17, 4);
  expect(varianceOf(distribution) / (2 ** 20 * 0.125 * 0.875)).toBeCloseTo(1, 5);
  expect(hypergeometricProbability(2 ** 17, 2 ** 20, 2 ** 47, 2 ** 50)).toBeCloseTo(
    probabilityOf(distribution, 2 ** 17),
    12,
  );
});

/** A model, and the generator's pattern that it describes. */
interface Match {
  readonly model: (shape: readonly number[], seed: number) => DensityModel;
  readonly spec: GeneratorSpec;
  /** The model knows the seed and so the rows: only chance inside them is left. */
  readonly shape: readonly number[];
}

const matches: Readonly<Record<string, Match>> = {
  "fixed structured 2:4": {
    model: (shape) => fixedStructured(shape, 0.5),
    spec: { kind: "nm", n: 2, m: 4 },
    shape: [24, 48],
  },
  hypergeometric: {
    model: (shape) => hypergeometric(shape, 170),
    spec: { kind: "exact", nonZeros: 170 },
    shape: [26, 50],
  },
  banded: {
    model: (shape) => banded(shape, { lower: 3, upper: 7, density: 0.6 }),
    spec: { kind: "banded", lower: 3, upper: 7, density: 0.6 },
    shape: [40, 50],
  },
  "power law": {
    model: (shape) => powerLaw(shape, { density: 0.15, exponent: 1.2, seed: 11 }),
    spec: { kind: "power-law", density: 0.15, exponent: 1.2 },
    shape: [40, 48],
  },
};

const draws = 300;

describe.each(Object.entries(matches))("%s", (name, { model: make, spec, shape }) => {
  const model = make(shape, 11);
  const structured = spec.kind === "nm";
  // Inside a block of N:M the model spreads the non-zeros evenly, so that only tiles of whole blocks are compared.
  const tiles = structured
    ? [
        [1, 4],
        [3, 8],
        [24, 48],
      ]
    : [[1, 1], [1, 9], [4, 4], [7, 13], [13, 16], [...shape]];
  // The rows of a power law are drawn from the seed: with one seed only one tensor can be drawn, so that its tiles are
  // compared among themselves where the shape has many. The other patterns are drawn anew.
  const seeds = Array.from({ length: draws }, (_, i) => i + 1);

  test.each(tiles)("tiles of %i x %i: the statistics of matching data within sampling error", (...tile) => {
    const samples = seeds.map((seed) => {
      const drawn = name === "power law" ? rowsKept(shape, spec, seed) : generate(spec, "int8", shape, seed);
      return actualData(drawn);
    });
    const zerosToTry = structured ? [] : [1, 4, 16];
    const figures: [string, (of: DensityModel) => number][] = [
      ["mean", (of) => of.expected(tile)],
      ["mean of the distribution", (of) => meanOf(of.distribution(tile))],
      ["empty", (of) => of.empty(tile)],
      ["second moment", (of) => varianceOf(of.distribution(tile)) + meanOf(of.distribution(tile)) ** 2],
      ["tail", (of) => tail(of, tile, Math.ceil(model.expected(tile)) + 1)],
      ...zerosToTry.map((zeros): [string, (of: DensityModel) => number] => [
        `after ${zeros} zeros`,
        (of) => of.afterZeros(tile, zeros),
      ]),
    ];
    // An event that none of the tiles showed has no deviation; it may have been expected a few times.
    const rare = 8 / draws / tileCount(shape, tile);
    for (const [figure, of] of figures) {
      const values = samples.map(of);
      const mean = sum(values) / draws;
      const deviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (draws - 1) / draws);
      expect(Math.abs(mean - of(model)), `${figure}: ${mean} against ${of(model)}`).toBeLessThan(
        4.5 * deviation + rare,
      );
    }
  });
});

/** P(occupancy >= from). */
function tail(model: DensityModel, tile: readonly number[], from: number): number {
  const { first, probability } = model.distribution(tile);
  let above = 0;
  for (let i = 0; i < probability.length; i++) if (first + i >= from) above += probability[i] ?? 0;
  return above;
}

/** A power-law matrix with the rows' degrees of seed 11 and columns shuffled by another seed. */
function rowsKept(shape: readonly number[], spec: GeneratorSpec, seed: number): Tensor {
  const base = generate(spec, "int8", shape, 11);
  const [rows = 0, columns = 0] = shape;
  const order = generate({ kind: "uniform", density: 1 }, "int32", shape, seed).data;
  const data = new Int8Array(base.data.length);
  for (let row = 0; row < rows; row++) {
    const ranked = Array.from({ length: columns }, (_, column) => column).sort(
      (a, b) => (order[row * columns + a] ?? 0) - (order[row * columns + b] ?? 0),
    );
    for (let column = 0; column < columns; column++) {
      data[row * columns + (ranked[column] ?? 0)] = base.data[row * columns + column] ?? 0;
    }
  }
  return { type: "int8", shape, data };
}

const models: fc.Arbitrary<{ model: DensityModel; tile: number[] }> = fc
  .record({
    rows: fc.integer({ min: 1, max: 40 }),
    columns: fc.integer({ min: 1, max: 40 }),
    density: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    kind: fc.constantFrom("fixed", "hypergeometric", "banded", "power", "actual"),
    height: fc.integer({ min: 1, max: 41 }),
    width: fc.integer({ min: 1, max: 41 }),
    seed: fc.nat(1e6),
  })
  .map(({ rows, columns, density, kind, height, width, seed }) => {
    const shape = [rows, columns];
    const tile = [height, width];
    switch (kind) {
      case "fixed":
        return { model: fixedStructured(shape, density), tile };
      case "hypergeometric":
        return { model: hypergeometric(shape, Math.round(density * rows * columns)), tile };
      case "banded":
        return { model: banded(shape, { lower: seed % 7, upper: seed % 11, density }), tile };
      case "power":
        return { model: powerLaw(shape, { density, exponent: seed % 3, seed }), tile };
      default:
        return { model: actualData(generate({ kind: "uniform", density }, "int8", shape, seed)), tile };
    }
  });

test("every model: probabilities sum to 1, the mean is the expectation, empty is P(0), runs count every non-zero", () => {
  fc.assert(
    fc.property(models, ({ model, tile }) => {
      const distribution = model.distribution(tile);
      expect(sum([...distribution.probability])).toBeCloseTo(1, 11);
      expect(meanOf(distribution)).toBeCloseTo(model.expected(tile), 8);
      expect(probabilityOf(distribution, 0)).toBeCloseTo(model.empty(tile), 10);
      expect(model.afterZeros(tile, 0)).toBeCloseTo(model.expected(tile), 8);
      expect(model.expected(model.shape)).toBeCloseTo(model.nonZeros, 9);
      const whole = model.afterZeros(tile, 10_000);
      expect(whole).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("every model: maxima grow with confidence and with the number of tiles, and stay inside the support", () => {
  fc.assert(
    fc.property(models, fc.integer({ min: 1, max: 64 }), ({ model, tile }, lanes) => {
      const distribution = model.distribution(tile);
      const last = distribution.first + distribution.probability.length - 1;
      expect(largestWithin(distribution, 0.5)).toBeLessThanOrEqual(largestWithin(distribution, 0.999));
      expect(largestWithin(distribution, 1)).toBeLessThanOrEqual(last);
      const one = expectedMaximum(distribution, 1);
      expect(one).toBeCloseTo(model.expected(tile), 8);
      expect(expectedMaximum(distribution, lanes)).toBeGreaterThanOrEqual(one - 1e-9);
      expect(expectedMaximum(distribution, lanes + 1)).toBeGreaterThanOrEqual(
        expectedMaximum(distribution, lanes) - 1e-9,
      );
      expect(expectedMaximum(distribution, lanes)).toBeLessThanOrEqual(last + 1e-9);
    }),
  );
});

test("the expected maximum over lanes is that of random data within sampling error", () => {
  const lanes = 16;
  const maxima: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const counts = tileCounts(elementMask(generate({ kind: "exact", nonZeros: 8192 }, "int8", [256, 128], seed)), [
      evenCuts(256, 1),
      evenCuts(128, 16),
    ]);
    for (let at = 0; at < counts.length; at += lanes) maxima.push(Math.max(...counts.subarray(at, at + lanes)));
  }
  const mean = sum(maxima) / maxima.length;
  const deviation = Math.sqrt(sum(maxima.map((value) => (value - mean) ** 2))) / maxima.length;
  const model = hypergeometric([256, 128], 8192);
  expect(Math.abs(expectedMaximum(model.distribution([1, 16]), lanes) - mean)).toBeLessThan(4.5 * deviation);
});

test("expected maxima of normal variables are the known ones of order statistics", () => {
  expect(normalMaximum(1)).toBeCloseTo(0, 9);
  expect(normalMaximum(2)).toBeCloseTo(1 / Math.sqrt(Math.PI), 6);
  expect(normalMaximum(3)).toBeCloseTo(1.5 / Math.sqrt(Math.PI), 6);
});

test("bad tiles, densities and bands are refused by name", () => {
  expect(() => hypergeometric([4, 4], 17)).toThrow("nonZeros");
  expect(() => hypergeometric([4, 4], 3).empty([2])).toThrow("wrong number of axes");
  expect(() => hypergeometric([4, 4], 3).empty([2, 0])).toThrow("tile[1]");
  expect(() => fixedStructured([4], 1.5)).toThrow("density");
  expect(() => banded([4, 4, 4], { lower: 1, upper: 1, density: 1 })).toThrow("a matrix");
  expect(() => powerLaw([4, 4], { density: 0.5, exponent: -1, seed: 1 })).toThrow("exponent");
  expect(() => largestWithin(fixedStructured([4], 0.5).distribution([2]), 2)).toThrow("confidence");
});
