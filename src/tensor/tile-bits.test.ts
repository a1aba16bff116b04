// Sizes of tiles from density models against the encoders: exactly on actual data, within sampling error on random
// data, run fields that overflow included; and storage by ranks against a tree built element by element.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actualData } from "./density/actual-data.ts";
import { banded } from "./density/banded.ts";
import type { DensityModel } from "./density/density.ts";
import { hypergeometric } from "./density/hypergeometric.ts";
import { powerLaw } from "./density/power-law.ts";
import { bitmap, coo, csc, csr, dense, encode, encodedBits, runLength, zvc } from "./format.ts";
import type { Format } from "./format.ts";
import { generate, generateTile } from "./generate.ts";
import type { GeneratorSpec } from "./generate.ts";
import type { RankFormat } from "./ranked-format.ts";
import { rankedBits } from "./ranked-format.ts";
import type { Tensor } from "./tensor.ts";
import { tileBits } from "./tile-bits.ts";

const formats: readonly Format[] = [
  dense(),
  bitmap(),
  zvc(32),
  zvc(7),
  coo(10),
  csr(10, 12),
  csc(10, 12),
  runLength(4),
  runLength(5),
  runLength(1),
];

/** Boxes of all tiles that cut a shape. */
function boxes(shape: readonly number[], tile: readonly number[]): { start: number[]; size: number[] }[] {
  let found: { start: number[]; size: number[] }[] = [{ start: [], size: [] }];
  for (const [axis, extent] of shape.entries()) {
    const size = tile[axis] ?? 1;
    const starts = Array.from({ length: Math.ceil(extent / size) }, (_, i) => i * size);
    found = found.flatMap((box) =>
      starts.map((start) => ({
        start: [...box.start, start],
        size: [...box.size, Math.min(size, extent - start)],
      })),
    );
  }
  return found;
}

/** The tiles of a random tensor. */
function tilesOf(spec: GeneratorSpec, shape: readonly number[], tile: readonly number[], seed: number): Tensor[] {
  return boxes(shape, tile).map((box) => generateTile(spec, "int8", shape, seed, box));
}

function encodedMean(tiles: readonly Tensor[], format: Format): number {
  return tiles.reduce((bits, tensor) => bits + encodedBits(encode(tensor, format)), 0) / tiles.length;
}

const cases = fc
  .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      tile: fc.tuple(...shape.map((extent) => fc.integer({ min: 1, max: extent }))),
      density: fc.constantFrom(0, 0.01, 0.1, 0.5, 1),
      seed: fc.nat(1e6),
    }),
  )
  .filter(({ shape, tile }) => boxes(shape, tile).length <= 200);

test("sizes from actual data are the encoders', in every format", () => {
  fc.assert(
    fc.property(cases, ({ shape, tile, density, seed }) => {
      const spec = { kind: "uniform", density } as const;
      const model = actualData(generate(spec, "int8", shape, seed));
      const tiles = tilesOf(spec, shape, tile, seed);
      for (const format of formats) {
        expect(tileBits(model, tile, format, 8)).toBeCloseTo(encodedMean(tiles, format), 8);
      }
    }),
    { numRuns: 60 },
  );
});

interface Drawn {
  readonly spec: GeneratorSpec;
  readonly shape: readonly number[];
  readonly tile: readonly number[];
  readonly model: DensityModel;
}

const at = (density: number): Drawn => ({
  spec: { kind: "exact", nonZeros: Math.round(density * 36 * 96) },
  shape: [36, 96],
  tile: [9, 33],
  model: hypergeometric([36, 96], Math.round(density * 36 * 96)),
});

const band = { lower: 2, upper: 40, density: 0.2 };

const drawn: Readonly<Record<string, Drawn>> = {
  "hypergeometric at 0.2 %": at(0.002),
  "hypergeometric at 1 %": at(0.01),
  "hypergeometric at 10 %": at(0.1),
  "hypergeometric at 60 %": at(0.6),
  banded: { spec: { kind: "banded", ...band }, shape: [36, 96], tile: [9, 33], model: banded([36, 96], band) },
};

const draws = 80;

describe.each(Object.entries(drawn))("%s", (_, { spec, shape, tile, model }) => {
  const tensors = Array.from({ length: draws }, (__, seed) => tilesOf(spec, shape, tile, seed));

  test.each(formats)("$kind: expected bits are the encoders' mean within sampling error", (format) => {
    const samples = tensors.map((tiles) => encodedMean(tiles, format));
    const mean = samples.reduce((sum, bits) => sum + bits, 0) / draws;
    const spread = samples.reduce((sum, bits) => sum + (bits - mean) ** 2, 0);
    const deviation = Math.sqrt(spread / (draws - 1) / draws);
    // A run that is too long may be so rare that no sample has one: it costs up to 13 bits in one tile of all.
    const rare = (3 * 13) / draws / boxes(shape, tile).length;
    const tolerance = 4.5 * deviation + (format.kind === "run-length" ? rare : 1e-6);
    expect(Math.abs(tileBits(model, tile, format, 8) - mean)).toBeLessThan(tolerance);
  });
});

test("a power law's rows cost what the generator's rows cost with the same seed, up to chance inside rows", () => {
  const law = { density: 0.05, exponent: 1.5 };
  const shape = [32, 256];
  for (const bits of [2, 4]) {
    const differences = Array.from({ length: 24 }, (_, seed) => {
      const tiles = tilesOf({ kind: "power-law", ...law }, shape, [4, 256], seed);
      return (
        tileBits(powerLaw(shape, { ...law, seed }), [4, 256], runLength(bits), 8) - encodedMean(tiles, runLength(bits))
      );
    });
    const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
    const spread = differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0);
    expect(Math.abs(mean)).toBeLessThan((4.5 * Math.sqrt(spread)) / differences.length);
  }
});

test("short run fields cost what they do: at 1 % a field of 4 bits stores several zeros for each non-zero", () => {
  const model = hypergeometric([1000, 1000], 10_000);
  const entries = (bits: number) => tileBits(model, [100, 100], runLength(bits), 8) / (bits + 8);
  // Runs that reach the end of a tile cost nothing, so that a little less than in an endless stream is stored.
  expect((entries(4) / 100) * (1 - 0.99 ** 16)).toBeGreaterThan(0.985);
  expect((entries(4) / 100) * (1 - 0.99 ** 16)).toBeLessThan(1);
  expect((entries(5) / 100) * (1 - 0.99 ** 32)).toBeGreaterThan(0.985);
  expect((entries(5) / 100) * (1 - 0.99 ** 32)).toBeLessThan(1);
  // And at 60 % next to none, which a model without overflow could not tell apart.
  const dense60 = hypergeometric([1000, 1000], 600_000);
  expect(tileBits(dense60, [100, 100], runLength(4), 8) / 12).toBeCloseTo(6000, 1);
});

/** Metadata bits of each rank and stored elements of one tile, by building the tree. */
function tree(tensor: Tensor, ranks: readonly RankFormat[]): { metadata: number[]; elements: number } {
  const metadata = ranks.map(() => 0);
  let elements = 0;
  const walk = (data: readonly number[], axes: readonly number[], level: number): void => {
    const rank = ranks[level];
    if (rank === undefined) {
      elements++;
      return;
    }
    const own = level === ranks.length - 1 ? axes.length : (rank.axes ?? 1);
    const length = axes.slice(0, own).reduce((product, size) => product * size, 1);
    const size = data.length / length;
    const add = (bits: number) => {
      metadata[level] = (metadata[level] ?? 0) + bits;
    };
    if (rank.kind === "bitmap") add(length);
    if (rank.kind === "offset-pairs") add((length + 1) * rank.bits);
    let zeros = 0;
    for (let i = 0; i < length; i++) {
      const child = data.slice(i * size, (i + 1) * size);
      const empty = child.every((value) => value === 0);
      if (rank.kind === "uncompressed") walk(child, axes.slice(own), level + 1);
      else if (empty) zeros++;
      else {
        if (rank.kind === "coordinate") add(rank.bits);
        if (rank.kind === "run-length") {
          for (; zeros >= 2 ** rank.bits; zeros -= 2 ** rank.bits) {
            add(rank.bits);
            elements++;
          }
          add(rank.bits);
          zeros = 0;
        }
        walk(child, axes.slice(own), level + 1);
      }
    }
  };
  walk([...tensor.data], tensor.shape, 0);
  return { metadata, elements };
}

const upper = fc.constantFrom<RankFormat>(
  { kind: "uncompressed" },
  { kind: "bitmap" },
  { kind: "coordinate", bits: 5 },
  { kind: "offset-pairs", bits: 7 },
);
const lowest = fc.constantFrom<RankFormat>(
  { kind: "uncompressed" },
  { kind: "bitmap" },
  { kind: "coordinate", bits: 5 },
  { kind: "run-length", bits: 2 },
);

test("storage by ranks is the tree's, element by element", () => {
  const trees = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(
      trees.chain((axes) =>
        fc.record({
          // Tiles that divide the tensor.
          tile: fc.constant(axes.map(([, size]) => size)),
          shape: fc.constant(axes.map(([steps, size]) => steps * size)),
          ranks: fc
            .array(upper, { maxLength: axes.length - 1 })
            .chain((above) => lowest.map((below) => [...above, below])),
          density: fc.constantFrom(0, 0.05, 0.3, 0.8, 1),
          seed: fc.nat(1e6),
        }),
      ),
      ({ tile, shape, ranks, density, seed }) => {
        const spec = { kind: "uniform", density } as const;
        const cut = boxes(shape, tile);
        if (cut.length > 100) return;
        const each = cut.map((box) => tree(generateTile(spec, "int8", shape, seed, box), ranks));
        const mean = (of: (one: (typeof each)[number]) => number) =>
          each.reduce((sum, one) => sum + of(one), 0) / each.length;
        const ours = rankedBits(actualData(generate(spec, "int8", shape, seed)), tile, { kind: "ranked", ranks });
        expect(ours.elements).toBeCloseTo(
          mean((one) => one.elements),
          9,
        );
        for (const [level, bits] of ours.metadata.entries()) {
          expect(bits).toBeCloseTo(
            mean((one) => one.metadata[level] ?? 0),
            9,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("CSR, a bitmap and run-length are what their ranks say", () => {
  const model = hypergeometric([64, 96], 700);
  const tile = [16, 32];
  const same: [Format, RankFormat[]][] = [
    [
      csr(10, 12),
      [
        { kind: "offset-pairs", bits: 12 },
        { kind: "coordinate", bits: 10 },
      ],
    ],
    [bitmap(), [{ kind: "bitmap" }]],
    [dense(), [{ kind: "uncompressed" }, { kind: "uncompressed" }]],
    [runLength(4), [{ kind: "run-length", bits: 4 }]],
  ];
  for (const [format, ranks] of same) {
    expect(tileBits(model, tile, { kind: "ranked", ranks }, 8)).toBeCloseTo(tileBits(model, tile, format, 8), 8);
  }
});

test("values may have any width", () => {
  const model = hypergeometric([64, 96], 700);
  const bits = (width: number) => tileBits(model, [16, 32], csr(10, 12), width);
  expect(bits(20) - bits(8)).toBeCloseTo(12 * model.expected([16, 32]), 9);
});

test("ranks that store nothing sensible are refused", () => {
  const model = hypergeometric([8, 8], 7);
  const store = (...ranks: RankFormat[]) => tileBits(model, [4, 4], { kind: "ranked", ranks }, 8);
  expect(() => store({ kind: "run-length", bits: 4 }, { kind: "bitmap" })).toThrow("last rank");
  expect(() => store({ kind: "bitmap" }, { kind: "offset-pairs", bits: 4 })).toThrow("below the offsets");
  expect(() => store({ kind: "coordinate", bits: 0 })).toThrow("1 to 32 bits");
  expect(() => store({ kind: "bitmap" }, { kind: "bitmap" }, { kind: "bitmap" })).toThrow("share 2 axes");
});
