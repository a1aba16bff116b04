// Sparsity in the nest: on data against a walk through every multiplication that watches which tiles stay, by statistics
// against data drawn to match, and the laws that hold for both.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "../../../mapping/nest/schedule.ts";
import { actualData } from "../../../tensor/density/actual-data.ts";
import { fixedStructured } from "../../../tensor/density/fixed-structured.ts";
import { hypergeometric } from "../../../tensor/density/hypergeometric.ts";
import { bitmap, runLength } from "../../../tensor/format.ts";
import { generate } from "../../../tensor/generate.ts";
import { walkSparsity } from "../../../../test/support/sparse-nest-walk.ts";
import type { NestSparsity, SparseAction } from "./sparsity.ts";
import { compareSparsity } from "./sparsity.ts";
import { sparseOnData } from "./on-data.ts";
import { sparseStatistics } from "./statistics.ts";

const memory = (name: string) => ({
  name,
  operands: ["A", "B", "C"] as const,
  bytes: Infinity,
  overlapped: true,
  readBytesPerCycle: Infinity,
  writeBytesPerCycle: Infinity,
  sharedPort: false,
});

const hierarchy: Hierarchy = {
  levels: ["dram", "buffer", "file"].map((name, level) => ({
    name,
    memories: [memory(name)],
    axes: level === 0 ? [] : [{ name: "lanes", units: 64, reduction: "tree", multicast: true }],
  })),
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

const keepAll: Schedule["bypass"] = [[], [], []];

/** Loops over factors of M, N, K (dimensions 1 to 3) in the given order; a factor is a number of steps. */
type Cut = readonly { readonly dimension: number; readonly steps: number; readonly spatial: boolean }[];

/** Sizes and schedule of a matrix product whose loops divide everything evenly. */
function evenProduct(levels: readonly Cut[]): { problem: NestProblem; schedule: Schedule } {
  const sizes = [1, 1, 1, 1];
  for (const { dimension, steps } of levels.flat()) sizes[dimension] = (sizes[dimension] ?? 1) * steps;
  const [, M = 1, N = 1, K = 1] = sizes;
  const left = [...sizes];
  const schedule = {
    bypass: keepAll,
    levels: levels.map((cut) => {
      const temporal: Loop[] = [];
      const spatial: SpatialLoop[] = [];
      for (const { dimension, steps, spatial: across } of cut.toSorted(
        (a, b) => Number(a.spatial) - Number(b.spatial),
      )) {
        const tile = (left[dimension] ?? 1) / steps;
        left[dimension] = tile;
        if (across) spatial.push({ dimension, tile, axis: "lanes" });
        else temporal.push({ dimension, tile });
      }
      return { temporal, spatial };
    }),
  };
  return { problem: nestProblem({ operator: "matmul", batch: 1, M, N, K }), schedule };
}

const leaders = fc.constantFrom<readonly ("A" | "B")[]>(["A"], ["B"], ["A", "B"]);
const kinds = fc.constantFrom<"skip" | "gate">("skip", "gate");
const atDatapath: fc.Arbitrary<SparseAction> = fc.record({
  kind: kinds,
  at: fc.constant("datapath" as const),
  leaders,
});
const atLevel: fc.Arbitrary<SparseAction> = fc
  .record({ kind: kinds, at: fc.integer({ min: 0, max: 2 }), swap: fc.boolean() })
  .map(({ kind, at, swap }) => ({
    kind,
    at,
    follower: swap ? ("A" as const) : ("B" as const),
    leaders: swap ? (["B"] as const) : (["A"] as const),
  }));

const cuts: fc.Arbitrary<Cut> = fc.array(
  fc.record({
    dimension: fc.integer({ min: 1, max: 3 }),
    steps: fc.integer({ min: 1, max: 3 }),
    spatial: fc.boolean(),
  }),
  { maxLength: 3 },
);

const operandsOf = (problem: NestProblem, density: number, seed: number) => {
  const [, M, N, K] = problem.dimensions.map(({ size }) => size);
  const [m = 1, n = 1, k = 1] = [M, N, K];
  const A = generate({ kind: "uniform", density }, "int8", [1, m, k], seed);
  const B = generate({ kind: "uniform", density: (density * 2) % 1 }, "int8", [1, k, n], seed + 1);
  return {
    data: { A: actualData(A), B: actualData(B) },
    bits: {
      A: (row: number, column: number) => A.data[row * k + column] !== 0,
      B: (row: number, column: number) => B.data[row * n + column] !== 0,
    },
  };
};

test("on data: executed, gated, skipped and the slowest lanes are those of a walk through every multiplication", () => {
  const cases = fc.record({
    levels: fc.tuple(cuts, cuts, cuts),
    actions: fc.array(fc.oneof(atDatapath, atLevel), { maxLength: 3 }),
    barrier: fc.integer({ min: 0, max: 3 }),
    density: fc.constantFrom(0.1, 0.3, 0.45),
    seed: fc.nat(1e6),
  });
  fc.assert(
    fc.property(cases, ({ levels, actions, barrier, density, seed }) => {
      const { problem, schedule } = evenProduct(levels);
      if (problem.dimensions.reduce((macs, { size }) => macs * size, 1) > 800) return;
      const sparsity = { formats: [], actions, barrier };
      const { data, bits } = operandsOf(problem, density, seed);
      const reference = walkSparsity(problem, schedule, sparsity, bits);
      const ours = sparseOnData(problem, hierarchy, sparsity, data)(schedule);
      expect(ours.macs.executed * reference.total).toBeCloseTo(reference.executed, 6);
      expect(ours.macs.skipped * reference.total).toBeCloseTo(reference.skipped, 6);
      expect(ours.macs.executed + ours.macs.gated + ours.macs.skipped).toBeCloseTo(1, 12);
      // Every lane has the same number of multiplications, so that a dense round takes as long in each.
      const lanes = schedule.levels.flatMap(({ spatial }) => spatial).length === 0 ? 1 : lanesOf(schedule, problem);
      expect(ours.stepCycles * (reference.total / lanes)).toBeCloseTo(reference.slowest, 6);
      expect(ours.stepCycles).toBeGreaterThanOrEqual(ours.meanLane - 1e-12);
    }),
    { numRuns: 400 },
  );
});

function lanesOf({ levels }: Schedule, { dimensions }: NestProblem): number {
  const left = dimensions.map(({ size }) => size);
  let lanes = 1;
  for (const { temporal, spatial } of levels) {
    for (const { dimension, tile } of temporal) left[dimension] = tile;
    for (const { dimension, tile } of spatial) {
      lanes *= (left[dimension] ?? 1) / tile;
      left[dimension] = tile;
    }
  }
  return lanes;
}

test("on data: ragged loops count every multiplication once, and rounds as the walk does", () => {
  const ragged = fc.record({
    sizes: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
    order: fc.shuffledSubarray([1, 2, 3], { minLength: 3 }),
    tiles: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    spatial: fc.integer({ min: 1, max: 3 }),
    barrier: fc.integer({ min: 0, max: 3 }),
    actions: fc.array(atDatapath, { minLength: 1, maxLength: 2 }),
    seed: fc.nat(1e6),
  });
  fc.assert(
    fc.property(ragged, ({ sizes: [M, N, K], order, tiles, spatial, barrier, actions, seed }) => {
      const problem = nestProblem({ operator: "matmul", batch: 1, M, N, K });
      const schedule: Schedule = {
        bypass: keepAll,
        levels: [
          { temporal: order.map((dimension) => ({ dimension, tile: tiles[dimension - 1] ?? 1 })), spatial: [] },
          {
            temporal: [],
            spatial: [{ dimension: spatial, tile: Math.max(1, (tiles[spatial - 1] ?? 1) - 1), axis: "lanes" }],
          },
          { temporal: [1, 2, 3].map((dimension) => ({ dimension, tile: 1 })), spatial: [] },
        ],
      };
      const sparsity = { formats: [], actions, barrier };
      const { data, bits } = operandsOf(problem, 0.4, seed);
      const reference = walkSparsity(problem, schedule, sparsity, bits);
      const dense = walkSparsity(problem, schedule, { ...sparsity, actions: [] }, bits);
      const ours = sparseOnData(problem, hierarchy, sparsity, data)(schedule);
      expect(ours.macs.executed * reference.total).toBeCloseTo(reference.executed, 6);
      expect(ours.stepCycles).toBeCloseTo(reference.slowest / dense.slowest, 9);
    }),
    { numRuns: 200 },
  );
});

/** A convolution with padding and stride on lanes over output channels and rows. */
const convolution = nestProblem({
  operator: "conv2d",
  batch: 1,
  inChannels: 16,
  height: 15,
  width: 15,
  outChannels: 32,
  kernelHeight: 3,
  kernelWidth: 3,
  stride: [1, 1],
  padding: [1, 1, 1, 1],
  dilation: [1, 1],
  groups: 1,
});

const [N, G, M, C, P, Q, R, S] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const convolutionSchedule: Schedule = {
  bypass: [[], [], []],
  levels: [
    {
      temporal: [
        { dimension: M, tile: 16 },
        { dimension: C, tile: 8 },
      ],
      spatial: [],
    },
    {
      temporal: [
        { dimension: P, tile: 5 },
        { dimension: Q, tile: 5 },
      ],
      spatial: [{ dimension: M, tile: 2, axis: "lanes" }],
    },
    {
      temporal: [N, G, P, Q, R, S, M, C].map((dimension) => ({ dimension, tile: 1 })),
      spatial: [],
    },
  ],
};

const twoSided: NestSparsity = {
  formats: [
    { A: runLength(5), B: runLength(4) },
    { A: bitmap(), B: bitmap() },
  ],
  actions: [
    { kind: "skip", at: "datapath", leaders: ["A"] },
    { kind: "gate", at: "datapath", leaders: ["B"] },
    { kind: "skip", at: 2, follower: "B", leaders: ["A"] },
  ],
  barrier: 2,
};

describe("a convolution with padding", () => {
  const words = { A: 32 * 16 * 9, B: 16 * 15 * 15 };
  const nonZeros = { A: Math.round(0.35 * words.A), B: Math.round(0.5 * words.B) };
  const shapes = { A: [1, 32, 16, 3, 3], B: [1, 1, 16, 15, 15] };
  const drawn = Array.from({ length: 12 }, (_, seed) => ({
    A: actualData(generate({ kind: "exact", nonZeros: nonZeros.A }, "int8", shapes.A, 2 * seed)),
    B: actualData(generate({ kind: "exact", nonZeros: nonZeros.B }, "int8", shapes.B, 2 * seed + 1)),
  }));
  const densities = { A: hypergeometric(shapes.A, nonZeros.A), B: hypergeometric(shapes.B, nonZeros.B) };

  test.each([
    ["one side skips, the other gates", twoSided],
    ["both sides skip", { ...twoSided, actions: [{ kind: "skip", at: "datapath", leaders: ["A", "B"] }], barrier: 1 }],
    ["the inputs lead", { ...twoSided, actions: [{ kind: "skip", at: "datapath", leaders: ["B"] }] }],
    ["lanes wait at every step", { ...twoSided, barrier: 3 }],
  ] satisfies [string, NestSparsity][])("%s: statistics agree with matching data", (_, sparsity) => {
    const statistical = sparseStatistics(convolution, hierarchy, sparsity, densities)(convolutionSchedule);
    const actual = drawn.map((data) => sparseOnData(convolution, hierarchy, sparsity, data)(convolutionSchedule));
    const mean = (of: (one: (typeof actual)[number]) => number) =>
      actual.reduce((sum, one) => sum + of(one), 0) / actual.length;
    expect(statistical.macs.executed / mean((one) => one.macs.executed)).toBeCloseTo(1, 2);
    expect(statistical.macs.skipped / mean((one) => one.macs.skipped)).toBeCloseTo(1, 2);
    expect(statistical.meanLane / mean((one) => one.meanLane)).toBeCloseTo(1, 2);
    // Lanes share words and windows overlap, which the statistics leave out.
    expect(Math.abs(statistical.stepCycles / mean((one) => one.stepCycles) - 1)).toBeLessThan(0.06);
    expect(statistical.stepCycles).toBeGreaterThanOrEqual(statistical.meanLane - 1e-12);
    for (const [index, access] of statistical.accesses.entries()) {
      expect(access.actual).toBeCloseTo(
        mean((one) => one.accesses[index]?.actual ?? 0),
        2,
      );
      const { operand, child } = access;
      expect(statistical.bytes(operand, child)).toBeCloseTo(
        mean((one) => one.bytes(operand, child)),
        2,
      );
    }
  });

  test("the comparison names every figure and its error", () => {
    const [data] = drawn;
    if (data === undefined) throw new Error("no data");
    const statistical = sparseStatistics(convolution, hierarchy, twoSided, densities)(convolutionSchedule);
    const rows = compareSparsity(
      statistical,
      sparseOnData(convolution, hierarchy, twoSided, data)(convolutionSchedule),
    );
    const figures = rows.map(({ figure }) => figure);
    expect(new Set(figures).size).toBe(figures.length);
    expect(figures).toContain("cycles of the slowest lane");
    for (const { statistical: ours, actual, error } of rows) {
      if (ours !== actual) expect(error).toBeCloseTo(ours / actual - 1, 12);
      expect(Math.abs(error)).toBeLessThan(0.1);
    }
  });
});

test("compressed words on their way cost their format, skipped ones nothing, gated ones no less time", () => {
  const { problem, schedule } = evenProduct([
    [{ dimension: 1, steps: 4, spatial: false }],
    [{ dimension: 3, steps: 4, spatial: false }],
    [
      { dimension: 2, steps: 8, spatial: false },
      { dimension: 1, steps: 8, spatial: false },
      { dimension: 3, steps: 16, spatial: false },
    ],
  ]);
  const densities = { A: hypergeometric([1, 32, 64], 512), B: fixedStructured([1, 64, 8], 0.5) };
  const of = (actions: readonly SparseAction[]) =>
    sparseStatistics(problem, hierarchy, { formats: [{ A: bitmap() }], actions, barrier: 2 }, densities)(schedule);
  // A bit for each word, and a byte for each of the quarter that are not zero.
  expect(of([]).bytes("A", 1)).toBeCloseTo(0.25 + 0.125, 9);
  expect(of([]).stepCycles).toBe(1);
  const gated = of([{ kind: "gate", at: "datapath", leaders: ["A"] }]);
  expect(gated.stepCycles).toBe(1);
  expect(gated.macs).toEqual({ executed: 0.25, gated: 0.75, skipped: 0 });
  const skipped = of([{ kind: "skip", at: 2, follower: "B", leaders: ["A"] }]);
  expect(skipped.bytes("B", 3)).toBeCloseTo(0.25, 9);
  expect(skipped.macs.skipped).toBeCloseTo(0.75, 9);
});

test("actions and barriers at levels that there are not are refused", () => {
  const { problem } = evenProduct([[], [], []]);
  const densities = { A: fixedStructured([1, 1, 1], 1), B: fixedStructured([1, 1, 1], 1) };
  const make = (sparsity: NestSparsity) => () => sparseStatistics(problem, hierarchy, sparsity, densities);
  expect(make({ formats: [], actions: [], barrier: 4 })).toThrow("barrier");
  expect(make({ formats: [], actions: [{ kind: "skip", at: 3, follower: "A", leaders: ["B"] }], barrier: 0 })).toThrow(
    "actions[0].at",
  );
});
