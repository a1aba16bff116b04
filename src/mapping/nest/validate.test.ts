// Faults of schedules, each by its kind and place, and the bytes of the largest tile against a walk over every tile.

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { NestProblem, OperandKey } from "./problem.ts";
import { nestProblem, operandKeys } from "./problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "./schedule.ts";
import { piecesOf } from "./tiles.ts";
import type { Violation } from "./validate.ts";
import { checkSchedule } from "./validate.ts";

const memory = (name: string, operands: readonly OperandKey[], bytes: number) => ({
  name,
  operands,
  bytes,
  overlapped: true,
  readBytesPerCycle: Number.POSITIVE_INFINITY,
  writeBytesPerCycle: Number.POSITIVE_INFINITY,
  sharedPort: false,
});

const hierarchy = (bytes: number): Hierarchy => ({
  levels: [
    { name: "dram", memories: [memory("dram", operandKeys, Number.POSITIVE_INFINITY)], axes: [] },
    {
      name: "buffer",
      memories: [memory("buffer", operandKeys, bytes)],
      axes: [
        { name: "rows", units: 4, reduction: "tree", multicast: true },
        { name: "columns", units: 4, reduction: "none", multicast: true },
      ],
    },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
});

const product: NestProblem = nestProblem({ operator: "matmul", batch: 1, M: 6, N: 5, K: 8 });
const [M, N, K] = [1, 2, 3];
const loops = (...list: readonly (readonly [number, number])[]): Loop[] =>
  list.map(([dimension, tile]) => ({ dimension, tile }));
const along = (axis: string, dimension: number, tile: number): SpatialLoop => ({ axis, dimension, tile });

const good: Schedule = {
  levels: [
    { temporal: loops([M, 3], [K, 4]), spatial: [] },
    { temporal: loops([M, 1], [N, 2]), spatial: [along("rows", K, 1), along("columns", N, 1)] },
  ],
  bypass: [[], []],
};

const withLevel = (level: number, change: Partial<Schedule["levels"][number]>): Schedule => ({
  ...good,
  levels: good.levels.map((loopsOf, l) => (l === level ? { ...loopsOf, ...change } : loopsOf)),
});

const faults = (schedule: Schedule, bytes = 1000): readonly Violation[] =>
  checkSchedule(product, hierarchy(bytes), schedule);

describe("what is wrong with a schedule", () => {
  test("nothing, where it may run", () => expect(faults(good)).toEqual([]));

  test("a dimension that does not exist", () => {
    expect(faults(withLevel(0, { temporal: loops([M, 3], [K, 4], [7, 1]) }))).toMatchObject([
      { kind: "dimension", level: 0, path: "levels[0].temporal[2].dimension", found: "7" },
    ]);
  });

  test("pieces larger than what remains, and pieces of nothing", () => {
    expect(faults(withLevel(1, { temporal: loops([M, 4], [M, 1], [N, 0], [N, 2]) }))).toMatchObject([
      { kind: "tile", path: "levels[1].temporal[0].tile", found: "4", expected: "1 to 3", dimension: M },
      { kind: "tile", path: "levels[1].temporal[2].tile", found: "0" },
    ]);
  });

  test("a dimension that is not cut to 1", () => {
    expect(faults(withLevel(1, { temporal: loops([N, 2]) }))).toMatchObject([
      { kind: "unfinished", level: 1, dimension: M, found: "3" },
    ]);
  });

  test("more units than an axis has, counted over all loops on it", () => {
    const spatial = [along("rows", K, 1), along("rows", N, 1)];
    expect(faults(withLevel(1, { spatial }))).toMatchObject([
      { kind: "axis", axis: "rows", path: "levels[1].spatial[1]", found: "8", expected: "at most 4" },
    ]);
    expect(faults(withLevel(1, { spatial: [along("diagonal", K, 1), along("rows", N, 1)] }))).toMatchObject([
      { kind: "axis", axis: "diagonal", path: "levels[1].spatial[0].axis", expected: "rows, columns" },
    ]);
  });

  test("a sum over units that do not add, unless it is one unit", () => {
    const sum = withLevel(1, { spatial: [along("columns", K, 1), along("rows", N, 1)] });
    expect(faults(sum)).toMatchObject([{ kind: "reduction", axis: "columns", dimension: K, found: "K" }]);
    const one = withLevel(1, { spatial: [along("columns", K, 4), along("rows", K, 1), along("columns", N, 1)] });
    expect(faults(one)).toEqual([]);
  });

  test("the first level passed by", () => {
    expect(faults({ ...good, bypass: [["B"], []] })).toMatchObject([
      { kind: "bypass", level: 0, path: "bypass[0][0]", found: "B" },
    ]);
  });

  test("too few levels", () => {
    const kinds = faults({ levels: good.levels.slice(0, 1), bypass: [[]] }).map(({ kind, path }) => `${kind} ${path}`);
    expect(kinds).toEqual([
      "levels levels",
      "levels bypass",
      "unfinished levels",
      "unfinished levels",
      "unfinished levels",
    ]);
  });

  test("a tile that is too large, with the bytes of each operand; what passes by takes none", () => {
    // 3 x 4 of A, 4 x 5 of B, 3 x 5 partial sums of 4 bytes.
    expect(faults(good, 92)).toEqual([]);
    expect(faults(good, 91)).toMatchObject([
      {
        kind: "capacity",
        level: 1,
        capacity: {
          memory: "buffer",
          operands: [
            { operand: "A", words: 12, bytes: 12 },
            { operand: "B", words: 20, bytes: 20 },
            { operand: "C", words: 15, bytes: 60 },
          ],
          bytesNeeded: 92,
          bytesThere: 91,
        },
      },
    ]);
    expect(faults({ ...good, bypass: [[], ["C"]] }, 32)).toEqual([]);
  });
});

test("pieces are those of nested ragged loops", () => {
  const starts = piecesOf(13, [5, 2]).map(({ start, length }) => `${start}+${length}`);
  expect(starts).toEqual(["0+2", "2+2", "4+1", "5+2", "7+2", "9+1", "10+2", "12+1"]);
});

test("bytes of the largest tile = those of the largest box of a walk, over random convolutions", () => {
  const size = fc.integer({ min: 1, max: 9 });
  const kernel = fc.integer({ min: 1, max: 4 });
  const step = fc.integer({ min: 1, max: 3 });
  const padding = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(
      fc.record({ P: size, Q: size, R: kernel, S: kernel, stride: step, dilation: step, padding }),
      fc.array(fc.tuple(fc.constantFrom("P", "Q", "R", "S"), fc.integer({ min: 1, max: 6 })), { maxLength: 6 }),
      ({ P, Q, R, S, stride, dilation, padding: border }, cuts) => {
        const height = Math.max(1, (P - 1) * stride + (R - 1) * dilation + 1 - 2 * border);
        const width = Math.max(1, (Q - 1) * stride + (S - 1) * dilation + 1 - 2 * border);
        const problem: NestProblem = {
          dimensions: [P, Q, R, S].map((extent, i) => ({ name: "PQRS".charAt(i), size: extent })),
          operands: {
            A: [],
            B: [
              window("row", 0, 2, { stride, dilation, border, extent: height }),
              window("column", 1, 3, { stride, dilation, border, extent: width }),
            ],
            C: [],
          },
        };
        const temporal: Loop[] = [];
        const rest = [P, Q, R, S];
        for (const [name, tile] of cuts) {
          const dimension = "PQRS".indexOf(name);
          temporal.push({ dimension, tile: Math.min(tile, rest[dimension] ?? 1) });
          rest[dimension] = Math.min(tile, rest[dimension] ?? 1);
        }
        const schedule: Schedule = {
          levels: [
            { temporal, spatial: [] },
            { temporal: rest.map((_, dimension) => ({ dimension, tile: 1 })), spatial: [] },
          ],
          bypass: [[], ["A", "C"]],
        };
        const [fault] = checkSchedule(problem, hierarchy(0), schedule);
        const seen = walk(problem, temporal);
        expect(fault?.capacity?.bytesNeeded ?? 0).toBe(seen);
      },
    ),
    { numRuns: 500, seed: 5 },
  );
});

const window = (
  name: string,
  output: number,
  tap: number,
  { stride, dilation, border, extent }: { stride: number; dilation: number; border: number; extent: number },
) => ({
  name,
  terms: [
    { dimension: output, coefficient: stride },
    { dimension: tap, coefficient: dilation },
  ],
  offset: -border,
  extent,
});

/** The most words of B in any setting of the loops, word by word. */
function walk({ dimensions, operands }: NestProblem, temporal: readonly Loop[]): number {
  let most = 0;
  const visit = (from: readonly number[], size: readonly number[], rest: readonly Loop[]): void => {
    const [loop, ...inner] = rest;
    if (loop === undefined) {
      const ranks = operands.B.map(({ terms: [first, second], offset, extent }) => {
        const words = new Set<number>();
        for (let i = 0; i < (size[first?.dimension ?? 0] ?? 0); i++) {
          for (let j = 0; j < (size[second?.dimension ?? 0] ?? 0); j++) {
            const x = (from[first?.dimension ?? 0] ?? 0) + i;
            const y = (from[second?.dimension ?? 0] ?? 0) + j;
            const word = x * (first?.coefficient ?? 0) + y * (second?.coefficient ?? 0) + offset;
            if (word >= 0 && word < extent) words.add(word);
          }
        }
        return words.size;
      });
      most = Math.max(
        most,
        ranks.reduce((a, b) => a * b, 1),
      );
      return;
    }
    const { dimension, tile } = loop;
    const length = size[dimension] ?? 1;
    for (let step = 0; step < length; step += tile) {
      const at = (list: readonly number[], value: number): number[] =>
        list.map((v, d) => (d === dimension ? value : v));
      visit(at(from, (from[dimension] ?? 0) + step), at(size, Math.min(tile, length - step)), inner);
    }
  };
  visit(
    dimensions.map(() => 0),
    dimensions.map(({ size }) => size),
    temporal,
  );
  return most;
}
