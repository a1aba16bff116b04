// The stepped loop nest on nests small enough to count by hand. Random nests and their laws are tested in test/.

import { describe, expect, test } from "vitest";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import { nestProblem, operandKeys } from "../../../mapping/nest/problem.ts";
import type { Axis, Hierarchy, Loop, NestMemory, Schedule, SpatialLoop } from "../../../mapping/nest/schedule.ts";
import type { BoundaryCounts } from "../evaluation.ts";
import { stepNest } from "./step-nest.ts";

const memory = (name: string, ports: Partial<NestMemory> = {}): NestMemory => ({
  name,
  operands: operandKeys,
  bytes: Infinity,
  overlapped: true,
  readBytesPerCycle: Infinity,
  writeBytesPerCycle: Infinity,
  sharedPort: false,
  ...ports,
});

const rows: Axis = { name: "rows", units: 4, reduction: "tree", multicast: true };

const two = (far: Partial<NestMemory> = {}, near: Partial<NestMemory> = {}, axes: readonly Axis[] = []): Hierarchy => ({
  levels: [
    { name: "dram", memories: [memory("dram", far)], axes: [] },
    { name: "buffer", memories: [memory("buffer", near)], axes },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
});

const product: NestProblem = nestProblem({ operator: "matmul", batch: 1, M: 4, N: 3, K: 6 });
const [M, N, K] = [1, 2, 3];
const loops = (...list: readonly (readonly [number, number])[]): Loop[] =>
  list.map(([dimension, tile]) => ({ dimension, tile }));
const nest = (
  dram: readonly Loop[],
  buffer: readonly Loop[],
  spatial: readonly SpatialLoop[] = [],
  bypass: readonly OperandKey[] = [],
): Schedule => ({
  levels: [
    { temporal: dram, spatial: [] },
    { temporal: buffer, spatial },
  ],
  bypass: [[], bypass],
});
/** The causes that took any time. */
const spent = (stack: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(stack).filter(([, cycles]) => cycles > 0));
const at = (boundaries: readonly BoundaryCounts[], operand: OperandKey, child: number) =>
  boundaries.find((boundary) => boundary.operand === operand && boundary.child === child);

describe("a matrix product of 4 x 3 x 6 in tiles of 2 x 3 x 2", () => {
  // dram: M in two, K in three; the tile of A has 4 words, of B 6, of C 6.
  const schedule = nest(loops([M, 2], [K, 2]), loops([N, 1], [M, 1], [K, 1]));
  const { boundaries, macs, steps, units, cycles, stack } = stepNest(product, two(), schedule);

  test("brings A once, B once for each piece of M, and gives C up once", () => {
    expect(at(boundaries, "A", 1)).toMatchObject({ reads: 24, deliveries: 24, partialWrites: 0, finalWrites: 0 });
    expect(at(boundaries, "B", 1)).toMatchObject({ reads: 36, deliveries: 36 });
    expect(at(boundaries, "C", 1)).toMatchObject({ reads: 0, finalWrites: 12, partialWrites: 0, surrendered: 12 });
  });

  test("adds to a sum in the buffer at every step but the first of each", () => {
    expect(at(boundaries, "C", 2)).toMatchObject({ reads: 60, readBacks: 60, partialWrites: 72, finalWrites: 0 });
    expect({ macs, steps, units, cycles, stack: spent(stack) }).toEqual({
      macs: 72,
      steps: 72,
      units: 1,
      cycles: 72,
      stack: { compute: 72 },
    });
  });
});

test("with K outside M the sums travel: two thirds of them as partial ones, read back", () => {
  const { boundaries } = stepNest(product, two(), nest(loops([K, 2], [M, 2]), loops([N, 1], [M, 1], [K, 1])));
  expect(at(boundaries, "C", 1)).toMatchObject({ reads: 24, readBacks: 24, partialWrites: 24, finalWrites: 12 });
});

test("units along K add on the way, and share B when they lie along M", () => {
  const hierarchy = two({}, {}, [rows, { name: "columns", units: 2, reduction: "none", multicast: false }]);
  const spatial: SpatialLoop[] = [
    { dimension: K, tile: 1, axis: "rows" },
    { dimension: M, tile: 1, axis: "columns" },
  ];
  const schedule = nest([], loops([N, 1], [M, 2], [K, 3]), spatial);
  const { boundaries, steps, units } = stepNest(product, hierarchy, schedule);
  expect({ steps, units }).toEqual({ steps: 12, units: 6 });
  // Each step 3 words of B go to 2 columns each, read twice as the columns do not multicast.
  expect(at(boundaries, "B", 2)).toMatchObject({ reads: 72, deliveries: 72 });
  expect(at(boundaries, "C", 2)).toMatchObject({ surrendered: 72, partialWrites: 24, readBacks: 12 });
  const shared = stepNest(product, two({}, {}, [rows, { ...rows, name: "columns" }]), schedule);
  expect(at(shared.boundaries, "B", 2)).toMatchObject({ reads: 36, deliveries: 72 });
});

test("a window that slides brings only its new column, and no padding", () => {
  const problem = nestProblem({
    operator: "conv2d",
    batch: 1,
    inChannels: 1,
    height: 1,
    width: 5,
    outChannels: 1,
    kernelHeight: 1,
    kernelWidth: 3,
    stride: [1, 1],
    padding: [0, 1, 0, 1],
    dilation: [1, 1],
    groups: 1,
  });
  const [Q, S] = [5, 7];
  const { boundaries } = stepNest(problem, two(), nest(loops([Q, 1]), loops([S, 1])));
  expect(at(boundaries, "B", 1)).toMatchObject({ reads: 5 });
  // 5 windows of 3 words less the two that reach outside.
  expect(at(boundaries, "B", 2)).toMatchObject({ reads: 13 });
});

describe("time", () => {
  const schedule = nest(loops([M, 2], [K, 2]), loops([N, 1], [M, 1], [K, 1]));

  test("transfers beside the work show only where they are longer", () => {
    // Tiles of 12 steps; 10 bytes each come over 2 bytes a cycle: 5 cycles for the first one, then hidden.
    const fast = stepNest(product, two({ readBytesPerCycle: 2 }), schedule);
    expect(spent(fast.stack)).toEqual({ compute: 72, fill: 5 });
    // At half a byte a cycle each takes 20: 20 first, then 8 more than the work for all but the last.
    const slow = stepNest(product, two({ readBytesPerCycle: 0.5 }), schedule);
    expect(spent(slow.stack)).toEqual({ compute: 72, fill: 20, "wait buffer": 40 });
  });

  test("transfers that are not overlapped add up", () => {
    const { stack, cycles } = stepNest(product, two({ readBytesPerCycle: 2, overlapped: false }), schedule);
    expect(spent(stack)).toEqual({ compute: 72, fill: 5, "wait buffer": 25 });
    expect(cycles).toBe(102);
  });

  test("results drain at the end", () => {
    // The last 6 results leave after the work, 4 bytes a cycle; the 6 before them beside a tile.
    const { stack } = stepNest(product, two({ writeBytesPerCycle: 4 }), schedule);
    expect(spent(stack)).toEqual({ compute: 72, drain: 2 });
  });

  test("a memory is not faster than its port over the whole run", () => {
    // Each step reads 1 + 1 + 4 bytes and writes 4 over one port of 5: 2 cycles a step, and 1 for first products.
    const { stack } = stepNest(product, two({}, { readBytesPerCycle: 5, sharedPort: true }), schedule);
    expect(stack["compute"]).toBe(72);
    expect(stack["wait datapath"]).toBeGreaterThan(60);
  });
});

test("values pass through the nest: partial sums in the buffer, and the trace that shows them", () => {
  const A = Float64Array.from({ length: 24 }, (_, i) => i - 7);
  const B = Float64Array.from({ length: 18 }, (_, i) => 5 - i);
  const schedule = nest(loops([K, 2], [M, 2]), loops([N, 1], [M, 1], [K, 1]));
  const { output, trace = [] } = stepNest(product, two(), schedule, { values: { A, B }, trace: true });
  const expected = Array.from({ length: 12 }, (_, word) => {
    let sum = 0;
    for (let k = 0; k < 6; k++) sum += (A[Math.floor(word / 3) * 6 + k] ?? 0) * (B[k * 3 + (word % 3)] ?? 0);
    return sum;
  });
  expect([...(output ?? [])]).toEqual(expected);
  expect(trace).toHaveLength(73);
  expect(trace[0]?.moves).toEqual([
    { operand: "A", parent: 0, child: 1, received: [[0, 1, 6, 7]], givenUp: [[]], held: [4], readBack: [0] },
    { operand: "B", parent: 0, child: 1, received: [[0, 1, 2, 3, 4, 5]], givenUp: [[]], held: [6], readBack: [0] },
    { operand: "C", parent: 0, child: 1, received: [[0, 1, 2, 3, 4, 5]], givenUp: [[]], held: [6], readBack: [0] },
  ]);
  expect(trace[1]?.products).toEqual([{ unit: 0, A: 1, B: 3, C: 0 }]);
  expect(trace.at(-1)?.moves).toMatchObject([{ operand: "C", givenUp: [[6, 7, 8, 9, 10, 11]] }]);
});
