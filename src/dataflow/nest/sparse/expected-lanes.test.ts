// Expectations from densities against counts on random operands, and what is said of a schedule's loops.

import { expect, test } from "vitest";
import type { RoundBarrier } from "../../../component/sparse-lanes/sparse-lanes.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import { expectedStepCycles, withChannelInnermost } from "./expected-lanes.ts";
import { laneCycles } from "./lane-cycles.ts";
import { randomNonZeros } from "./non-zeros.ts";

const product = { operator: "matmul", batch: 1, M: 64, N: 64, K: 1100 } as const;
const [M, N, K] = [1, 2, 3];
/** Rows over M, columns over N, lanes over the channel. */
const onSquare: Schedule = {
  levels: [
    {
      temporal: [
        { dimension: M, tile: 16 },
        { dimension: N, tile: 16 },
        { dimension: K, tile: 8 },
      ],
      spatial: [
        { dimension: M, tile: 1, axis: "rows" },
        { dimension: N, tile: 1, axis: "columns" },
        { dimension: K, tile: 1, axis: "lanes" },
      ],
    },
  ],
  bypass: [[]],
};

test.each<readonly [RoundBarrier, number]>([
  [{ scope: "pe" }, 0.03],
  [{ scope: "lane" }, 0.03],
  [{ scope: "column", rounds: 9 }, 0.05],
  [{ scope: "array", rounds: 9 }, 0.05],
])("densities alone foretell the cycles of random operands, with barrier %o", (barrier, tolerance) => {
  const problem = nestProblem(product);
  const nonZeros = {
    A: randomNonZeros(product, "A", { kind: "uniform", density: 0.5 }, 1),
    B: randomNonZeros(product, "B", { kind: "uniform", density: 0.4 }, 2),
  };
  const machine = {
    lanes: { lanes: 8, bankBits: 16, sparsity: "both", barrier },
    laneAxis: { level: 0, axis: "lanes" },
    columnAxis: { level: 0, axis: "columns" },
    joinLevel: 0,
  } as const;
  const result = laneCycles(problem, onSquare, machine, nonZeros);
  const expected = expectedStepCycles(problem, onSquare, machine, { A: 0.5, B: 0.4 });
  // Without barriers between units the mean unit is foretold, not the last one.
  const { time, units } = result;
  const free = barrier.scope === "pe" || barrier.scope === "lane";
  const column = (time.busy + time.laneWait + time.unitWait) / 8 / units;
  const mean = free ? (time.busy + time.laneWait) / 8 / units : column;
  const actual = (barrier.scope === "array" ? result.computeCycles : mean) / result.denseCycles;
  expect(Math.abs(expected / actual - 1)).toBeLessThan(tolerance);
});

test("the channel goes innermost in the last level", () => {
  const problem = nestProblem(product);
  const turned = {
    levels: [
      { temporal: [{ dimension: K, tile: 50 }], spatial: [{ dimension: K, tile: 10, axis: "rows" }] },
      {
        temporal: [
          { dimension: K, tile: 1 },
          { dimension: M, tile: 1 },
          { dimension: N, tile: 1 },
        ],
        spatial: [],
      },
    ],
    bypass: [[], []],
  };
  const inner = withChannelInnermost(problem, turned);
  expect(inner.levels[1]?.temporal.map(({ dimension }) => dimension)).toEqual([M, N, K]);
  expect(inner.levels[0]).toBe(turned.levels[0]);
});
