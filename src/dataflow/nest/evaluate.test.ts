// The closed form of loop nests against the walk over every step: equal words at every boundary, cycles and causes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nestCases } from "../../../test/support/random-nests.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Hierarchy } from "../../mapping/nest/schedule.ts";
import { evaluateSchedule } from "./evaluate.ts";
import { evaluateEven } from "./even/evaluate-even.ts";
import type { NestEvaluation, SparsityFactors } from "./evaluation.ts";
import { prepareNest } from "./prepare.ts";
import { stepNest } from "./stepped/step-nest.ts";

/** Everything but the sums of fractions, which may differ in their last bits. */
const rounded = ({ cycles, stack, macs, steps, units, boundaries }: NestEvaluation): unknown => ({
  cycles,
  stack: Object.fromEntries(Object.entries(stack).map(([cause, spent]) => [cause, Math.round(spent * 1e6) / 1e6])),
  macs,
  steps,
  units,
  boundaries,
});

describe("a schedule in closed form", () => {
  it("counts and times what a walk over all steps does", () => {
    fc.assert(
      fc.property(nestCases(), ({ problem, hierarchy, schedule }) => {
        const walked = stepNest(problem, hierarchy, schedule);
        const found = evaluateSchedule(prepareNest(problem, hierarchy), schedule);
        expect(rounded(found)).toEqual(rounded(walked));
      }),
      { numRuns: 1200 },
    );
  }, 60_000);

  it("does so where all tiles divide, by formulas of their own", () => {
    let covered = 0;
    fc.assert(
      fc.property(nestCases({ even: true }), ({ problem, hierarchy, schedule }) => {
        const prepared = prepareNest(problem, hierarchy);
        const walked = stepNest(problem, hierarchy, schedule);
        expect(rounded(evaluateSchedule(prepared, schedule))).toEqual(rounded(walked));
        const formulas = evaluateEven(prepared, schedule, undefined);
        if (formulas === undefined) return;
        covered++;
        expect(rounded(formulas)).toEqual(rounded(walked));
      }),
      { numRuns: 1200 },
    );
    expect(covered).toBeGreaterThan(1000);
  }, 60_000);

  it("does so with sparse operands, rounding only once at the datapath", () => {
    fc.assert(
      fc.property(nestCases({ macs: 120 }), fc.double({ min: 0.1, max: 1, noNaN: true }), (nest, density) => {
        const { problem, hierarchy, schedule } = nest;
        const sparsity: SparsityFactors = {
          bytes: (operand, child) => hierarchy.wordBytes[operand] * (operand === "C" ? 1 : density) + child / 16,
          stepCycles: density,
        };
        const walked = stepNest(problem, hierarchy, schedule, { sparsity });
        const found = evaluateSchedule(prepareNest(problem, hierarchy), schedule, sparsity);
        expect(Math.abs(found.cycles - walked.cycles)).toBeLessThanOrEqual(1);
        expect(found.boundaries).toEqual(walked.boundaries);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it("gives the same whatever its tables have seen before", () => {
    fc.assert(
      fc.property(
        nestCases({ macs: 100 }),
        fc.integer({ min: 1, max: 9 }),
        ({ problem, hierarchy, schedule }, tile) => {
          const prepared = prepareNest(problem, hierarchy);
          const alone = evaluateSchedule(prepared, schedule);
          const other = {
            ...schedule,
            levels: schedule.levels.map((level, index) =>
              index > 0 ? level : { ...level, temporal: [{ dimension: 2, tile }, ...level.temporal] },
            ),
          };
          evaluateSchedule(prepared, other);
          expect(evaluateSchedule(prepared, schedule)).toEqual(alone);
          expect(evaluateSchedule(prepareNest(problem, hierarchy), other)).toEqual(evaluateSchedule(prepared, other));
        },
      ),
      { numRuns: 200 },
    );
  });

  const memory = { bytes: Infinity, overlapped: true, readBytesPerCycle: 4, writeBytesPerCycle: 4, sharedPort: false };
  const hierarchy: Hierarchy = {
    levels: [
      { name: "dram", memories: [{ ...memory, name: "dram", operands: ["A", "B", "C"] }], axes: [] },
      { name: "buffer", memories: [{ ...memory, name: "buffer", operands: ["A", "B", "C"] }], axes: [] },
    ],
    wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
  };

  it("keeps no more tables than a bound, and says the same past it", () => {
    const problem = nestProblem({ operator: "matmul", batch: 1, M: 61, N: 1, K: 2 });
    const prepared = prepareNest(problem, hierarchy);
    const of = (tiles: readonly number[]): NestEvaluation =>
      evaluateSchedule(prepared, {
        levels: [
          { temporal: [...tiles.map((tile) => ({ dimension: 1, tile })), { dimension: 3, tile: 1 }], spatial: [] },
          { temporal: [{ dimension: 1, tile: 1 }], spatial: [] },
        ],
        bypass: [[], []],
      });
    const before = of([40, 24, 7]);
    let met = 0;
    let most = 0;
    // No tile divides 61, so that each of these has tables of its own.
    for (let first = 3; first < 61; first++) {
      for (let second = 2; second < first; second++) {
        for (let third = 1; third < Math.min(second, 3); third++) {
          of([first, second, third]);
          met++;
          most = Math.max(most, prepared.chains);
        }
      }
    }
    expect(met).toBeGreaterThan(3000);
    expect(most).toBeLessThan(2100);
    expect(most).toBeGreaterThan(2000);
    expect(of([40, 24, 7])).toEqual(before);
  });

  it("says which loops do not end", () => {
    const problem = nestProblem({ operator: "matmul", batch: 1, M: 4, N: 1, K: 1 });
    const schedule = {
      levels: [
        { temporal: [{ dimension: 1, tile: 2 }], spatial: [] },
        { temporal: [], spatial: [] },
      ],
      bypass: [[], []],
    };
    expect(() => evaluateSchedule(prepareNest(problem, hierarchy), schedule)).toThrow(/"M in tiles of 2".*tile of 1/);
  });
});
