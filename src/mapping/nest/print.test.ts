// A schedule in words, with the figures checked against sizes counted by hand and, on random nests, against each other.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestAxis, nestMemory } from "../../../test/support/nest-machines.ts";
import { nestCases } from "../../../test/support/random-nests.ts";
import { outline, stationary } from "./outline.ts";
import { byteText, printNest } from "./print.ts";
import type { NestProblem } from "./problem.ts";
import { nestProblem, operandKeys } from "./problem.ts";
import type { Hierarchy, Schedule } from "./schedule.ts";
import { checkSchedule } from "./validate.ts";

const hierarchy: Hierarchy = {
  levels: [
    { name: "dram", memories: [nestMemory("dram", operandKeys, Infinity)], axes: [] },
    {
      name: "buffer",
      memories: [nestMemory("buffer", operandKeys, 2 ** 19)],
      axes: [nestAxis("rows", 16, "tree"), nestAxis("columns", 16, "none")],
    },
    {
      name: "registers",
      memories: [nestMemory("filterRegisters", ["A"], 32), nestMemory("inputRegisters", ["B"], 32)],
      axes: [nestAxis("lanes", 4, "tree")],
    },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

// Res2 of ResNet-50: 64 channels to 64, 56 x 56, 3 x 3.
const problem: NestProblem = nestProblem({
  operator: "conv2d",
  batch: 1,
  inChannels: 64,
  height: 56,
  width: 56,
  outChannels: 64,
  kernelHeight: 3,
  kernelWidth: 3,
  stride: [1, 1],
  padding: [1, 1, 1, 1],
  dilation: [1, 1],
  groups: 1,
});
const [M, C, P, Q, R, S] = [2, 3, 4, 5, 6, 7];
const schedule: Schedule = {
  levels: [
    { temporal: [{ dimension: P, tile: 12 }], spatial: [] },
    {
      temporal: [
        { dimension: M, tile: 16 },
        { dimension: P, tile: 1 },
        { dimension: Q, tile: 1 },
      ],
      spatial: [
        { dimension: C, tile: 4, axis: "rows" },
        { dimension: M, tile: 2, axis: "columns" },
      ],
    },
    {
      temporal: [
        { dimension: R, tile: 1 },
        { dimension: S, tile: 1 },
        { dimension: M, tile: 1 },
      ],
      spatial: [{ dimension: C, tile: 1, axis: "lanes" }],
    },
  ],
  bypass: [[], [], []],
};

test("a convolution on an array, level by level", () => {
  expect(checkSchedule(problem, hierarchy, schedule).map(({ kind }) => kind)).toEqual(["capacity", "capacity"]);
  expect(printNest(problem, hierarchy, schedule)).toEqual([
    "dram       for P in steps of 12 (5 x, the last of 8)",
    // 14 rows of input and 12 of output, of 56 columns and 64 channels.
    "buffer     holds A 36,864 words (36 KiB), B 50,176 words (49 KiB), C 43,008 words (168 KiB): 49.4 % of 512 KiB",
    "           for M in steps of 16 (4 x)",
    "           for P in steps of 1 (12 x)",
    "           for Q in steps of 1 (56 x)",
    "           in parallel on rows: C by 4 (16 units)",
    "           in parallel on columns: M by 2 (8 of 16 units)",
    "registers  filterRegisters holds A 72 words (72 B): 225 % of 32 B",
    "           inputRegisters holds B 36 words (36 B): 113 % of 32 B; passed by C",
    "           for R in steps of 1 (3 x)",
    "           for S in steps of 1 (3 x)",
    "           for M in steps of 1 (2 x)",
    "           in parallel on lanes: C by 1 (4 units)",
  ]);
});

describe("what rests longest", () => {
  test("the weights while a row of outputs passes", () => {
    expect(stationary(problem, hierarchy, schedule)).toEqual([
      { operands: [], steps: 0 },
      // All of A stays in the buffer for the whole layer, a tile of the others for one step.
      { operands: ["A"], steps: 5 },
      { operands: ["A"], steps: 672 },
    ]);
  });

  test("loops of one step count for nothing", () => {
    const [dram, buffer, registers] = schedule.levels;
    if (dram === undefined || buffer === undefined || registers === undefined) throw new Error("three levels");
    const trivial = { ...buffer, temporal: [...buffer.temporal, { dimension: M, tile: 16 }] };
    const other = { ...schedule, levels: [dram, trivial, registers] };
    expect(stationary(problem, hierarchy, other)).toEqual(stationary(problem, hierarchy, schedule));
    expect(printNest(problem, hierarchy, other)).toEqual(printNest(problem, hierarchy, schedule));
  });
});

test("a level without a loop still says what it holds, and several loops share an axis", () => {
  const product = nestProblem({ operator: "matmul", batch: 1, M: 6, N: 1, K: 4 });
  const levels = [
    { temporal: [], spatial: [] },
    {
      temporal: [],
      spatial: [
        { dimension: 1, tile: 4, axis: "columns" },
        { dimension: 1, tile: 1, axis: "columns" },
      ],
    },
    { temporal: [{ dimension: 3, tile: 1 }], spatial: [] },
  ];
  expect(printNest(product, hierarchy, { levels, bypass: [[], ["A", "B"], ["A", "B", "C"]] })).toEqual([
    "dram       holds everything",
    "buffer     holds C 6 words (24 B): 0.0046 % of 512 KiB; passed by A, B",
    "           in parallel on columns: M by 4 (2 x, the last of 2), M by 1 (4 x) (8 of 16 units)",
    "registers  holds nothing",
    "           for K in steps of 1 (4 x)",
  ]);
});

test("bytes take the prefix that memories are sized in", () => {
  expect([0, 1, 1023, 1024, 12_544, 2 ** 20, 3 * 2 ** 40].map(byteText)).toEqual([
    "0 B",
    "1 B",
    "1023 B",
    "1 KiB",
    "12.25 KiB",
    "1 MiB",
    "3 TiB",
  ]);
});

test("random nests: valid, and their outline accounts for every multiplication and every unit", () => {
  fc.assert(
    fc.property(nestCases(), ({ problem: random, hierarchy: memories, schedule: nest }) => {
      expect(checkSchedule(random, memories, nest)).toEqual([]);
      const levels = outline(random, memories, nest);
      const steps = levels.flatMap(({ temporal, spatial }) => [...temporal, ...spatial]);
      const all = steps.reduce((product, loop) => product * loop.steps, 1);
      const macs = random.dimensions.reduce((product, { size }) => product * size, 1);
      expect(all).toBeGreaterThanOrEqual(macs);
      if (steps.every(({ tile, last }) => tile === last)) expect(all).toBe(macs);
      for (const level of levels) {
        for (const { operand } of level.memories.flatMap(({ tiles }) => tiles)) {
          expect(level.passing).not.toContain(operand);
        }
      }
    }),
  );
});
