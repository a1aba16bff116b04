// Partial sums of a column of units on their way out, through each kind of network.

import { expect, test } from "vitest";
import type { ReductionNetwork } from "../../../component/reduction-tree.ts";
import { reductionTree } from "../../../component/reduction-tree.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { LaneMachine } from "./lane-cycles.ts";
import { laneCycles } from "./lane-cycles.ts";
import { leavingSums, reductionAlong } from "./leaving-sums.ts";
import { randomNonZeros } from "./non-zeros.ts";

const operation = { operator: "matmul", batch: 1, M: 64, N: 64, K: 1024 } as const;
const problem = nestProblem(operation);
const [M, N, K] = [1, 2, 3];
const rows = { level: 0, axis: "rows" };
const lanes = { level: 1, axis: "lanes" };

/** `parts` of 16 rows share each sum; the others are over M, 16 columns over N. A unit has 4 sums a tile. */
const scheduleOf = (parts: number): Schedule => ({
  levels: [
    {
      temporal: [
        { dimension: N, tile: 16 },
        { dimension: M, tile: 64 / parts },
      ],
      spatial: [
        { dimension: K, tile: 1024 / parts, axis: "rows" },
        { dimension: M, tile: 4, axis: "rows" },
        { dimension: N, tile: 1, axis: "columns" },
      ],
    },
    {
      temporal: [
        { dimension: M, tile: 1 },
        { dimension: K, tile: 8 },
      ],
      spatial: [{ dimension: K, tile: 1, axis: "lanes" }],
    },
  ],
  bypass: [[], []],
});

const nonZeros = {
  A: randomNonZeros(operation, "A", { kind: "uniform", density: 0.5 }, 1),
  B: randomNonZeros(operation, "B", { kind: "uniform", density: 0.5 }, 2),
};

function cycles(parts: number, network: ReductionNetwork, width = Infinity): { total: number; compute: number } {
  const schedule = scheduleOf(parts);
  const tree = reductionTree({ units: 16, network, accumulator: "int32" });
  const machine: LaneMachine = {
    lanes: { lanes: 8, bankBits: 16, sparsity: "both", barrier: { scope: "pe" } },
    laneAxis: lanes,
    columnAxis: { level: 0, axis: "columns" },
    joinLevel: 1,
    drainCycles: leavingSums(problem, schedule, tree, { tree: rows, lanes }, width),
  };
  const result = laneCycles(problem, schedule, machine, nonZeros);
  return { total: result.cycles, compute: result.computeCycles };
}

test("rows of a column that share sums are told by their loops", () => {
  expect([1, 2, 4, 16].map((parts) => reductionAlong(problem, scheduleOf(parts), rows))).toEqual([
    { parts: 1, groups: 16 },
    { parts: 2, groups: 8 },
    { parts: 4, groups: 4 },
    { parts: 16, groups: 1 },
  ]);
});

test.each([1, 2, 4, 8, 16])(
  "with %i units to a sum a variable tree is never behind a fixed one or a chain",
  (parts) => {
    const variable = cycles(parts, { shape: "variable" });
    const fixed = cycles(parts, { shape: "fixed", depth: 4 });
    const chain = cycles(parts, { shape: "chain" });
    expect(variable.total).toBeLessThanOrEqual(fixed.total);
    expect(variable.total).toBeLessThanOrEqual(chain.total);
    expect(variable.compute).toBe(fixed.compute);
    // Sums of the last tile leave when all is computed.
    expect(variable.total).toBeGreaterThan(variable.compute);
  },
);

test("a narrow drain holds the array up once it takes longer than a tile", () => {
  const wide = cycles(4, { shape: "variable" }, 64);
  const narrow = cycles(4, { shape: "variable" }, 1);
  expect(wide.total).toBe(cycles(4, { shape: "variable" }).total);
  // 4 sums of 4 groups in 16 columns a tile, one a cycle.
  expect(narrow.total).toBeGreaterThanOrEqual(64 * 64);
  expect(narrow.compute).toBe(wide.compute);
});
